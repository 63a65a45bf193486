using System.Globalization;
using ImagePipeline.Contracts;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>Reads what an ingestion system submits: a message on the bus, or a line of an NDJSON file.</summary>
public static class ListingSubmission
{
    /// <summary>
    /// The listing, or a refusal with one sentence that says what the sender must change. Every property is checked, null included: what came as JSON
    /// keeps no promise of the type's.
    /// </summary>
    /// <param name="submission">What was submitted.</param>
    /// <param name="leaseParameters">The feed's own lease parameters, beside the well-known ones.</param>
    /// <param name="where">What a refusal calls the place it came from.</param>
    public static FeedItem ToReadListing(
        this ListingPhotosSubmitted submission, IReadOnlyCollection<string>? leaseParameters = null, string where = "a submitted listing")
    {
        if (WhyNot(submission) is { } why)
        {
            var hasKey = ListingKeys.WhyNot(submission.ListingKey, "") is null;
            return new RefusedRecord { Where = where, Why = why, ListingKey = hasKey ? submission.ListingKey : null };
        }

        return new ReadListing
        {
            Feed = submission.Feed,
            ListingKey = submission.ListingKey,
            ListingId = DisplayText.Clean(submission.ListingId),
            ChangedAt = submission.ChangedAt.ToUniversalTime(),
            Withdrawn = submission.Withdrawn ? "The source submitted it as withdrawn." : null,
            Photos = submission.Withdrawn ? [] : PhotoSet.From([.. submission.Photos.Select(Row)], LeaseParameters.With(leaseParameters)),
        };
    }

    static string? WhyNot(ListingPhotosSubmitted submission)
    {
        if (!FeedId.IsValid(submission.Feed)) return $"Its feed must be {FeedId.Rule}.";
        if (ListingKeys.WhyNot(submission.ListingKey, "listingKey") is { } why) return why;
        if (submission.Withdrawn) return null;
        if (submission.Photos is null) return "Its photos are null; a listing without photos has an empty list.";

        for (var i = 0; i < submission.Photos.Count; i++)
        {
            if (submission.Photos[i] is null) return string.Create(CultureInfo.InvariantCulture, $"Photo {i + 1} of its photos is null.");
            if (submission.Photos[i].Url is null) return string.Create(CultureInfo.InvariantCulture, $"Photo {i + 1} of its photos has no url.");
        }
        return null;
    }

    static PhotoRow Row(SubmittedPhoto photo, int position) => new()
    {
        Url = photo.Url,
        Key = photo.Key,
        ModifiedAt = photo.ModifiedAt,
        Place = photo.Order ?? position,
        Position = position,
        Order = photo.Order,
        Preferred = photo.Preferred,
        Caption = DisplayText.Clean(photo.Caption),
        Kind = DisplayText.Clean(photo.Kind) ?? "Photo",
        Alteration = Texts(photo.Alteration),
        Permissions = Texts(photo.Permissions),
        ExpiresAt = photo.ExpiresAt?.ToUniversalTime(),
        SingleUse = photo.SingleUse,
    };

    static IReadOnlyList<string> Texts(IReadOnlyList<string>? texts) => [.. (texts ?? []).Select(DisplayText.Clean).OfType<string>()];
}
