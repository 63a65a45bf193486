using System.Security.Cryptography;
using System.Text.Json;
using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;

namespace ImagePipeline.FeedIngest;

/// <summary>
/// What a listing just read means, compared with what was known of it: a pure decision. <paramref name="Next"/> is what is known afterwards,
/// <paramref name="Requests"/> the photos to ask for.
/// </summary>
sealed record ListingChange(ChangeKind Kind, KnownListing Next, IReadOnlyList<ReadPhoto> Requests)
{
    /// <summary>Compares; null when the listing is withdrawn and was never known.</summary>
    public static ListingChange? Between(KnownListing? known, ReadListing read, DateTimeOffset now, TimeSpan askAgainAfter)
    {
        if (known is null && read.Withdrawn is not null)
            return null;

        var fingerprint = FingerprintOf(read);
        if (known is not null && known.Fingerprint == fingerprint)
            return new(
                ChangeKind.None,
                known with { Photos = read.Photos, SeenAt = now, ChangedAt = read.ChangedAt > known.ChangedAt ? read.ChangedAt : known.ChangedAt },
                []);

        var next = new KnownListing
        {
            Feed = read.Feed,
            ListingKey = read.ListingKey,
            ListingId = read.ListingId ?? known?.ListingId,
            Generation = Higher(known?.Generation ?? 0, now),
            AskedAt = now,
            NextAskAt = now + askAgainAfter,
            Withdrawn = read.Withdrawn,
            Fingerprint = fingerprint,
            Photos = read.Photos,
            ChangedAt = read.ChangedAt,
            SeenAt = now,
            Announcement = known?.Announcement ?? 0,
            FinalGeneration = known?.FinalGeneration ?? 0,
            Missing = known?.Missing ?? [],
        };
        if (read.Withdrawn is not null)
            return new(ChangeKind.Withdrawn, next, []);

        // A withdrawn listing's photos are deleted: all of them are new. A failed one is tried again with a change of its listing.
        var before = known is null || known.Withdrawn is not null ? [] : known.Photos.Select(p => (p.MediaKey, p.Version)).ToHashSet();
        return new(
            ChangeKind.Changed,
            next,
            [.. read.Photos.Where(p => !before.Contains((p.MediaKey, p.Version)) || known!.Is(p, MissingReason.Failed))]);
    }

    /// <summary>The same set once more. What was announced rejected is left alone unless <paramref name="everything"/> is wanted.</summary>
    public static ListingChange Again(KnownListing known, DateTimeOffset now, FeedIngestOptions options, bool everything)
    {
        var wait = Math.Min(options.AskAgainAfter.Ticks * Math.Pow(2, known.Ask + 1), options.AskAgainMost.Ticks);
        var next = known with
        {
            Ask = known.Ask + 1,
            AskedAt = now,
            NextAskAt = now + TimeSpan.FromTicks((long)wait),
            FinalGeneration = 0,
        };
        return known.Withdrawn is not null
            ? new(ChangeKind.Withdrawn, next, [])
            : new(ChangeKind.Changed, next, everything ? known.Photos : NotRejected(known));
    }

    /// <summary>
    /// The same where what was asked for before has gone with the process that asked: all of the set is asked for, whatever of it is new.
    /// </summary>
    public ListingChange WithLeftOver(DateTimeOffset now, FeedIngestOptions options) => Kind switch
    {
        ChangeKind.None => Again(Next, now, options, everything: false),
        ChangeKind.Changed => this with { Requests = NotRejected(Next) },
        _ => this,
    };

    /// <summary>
    /// What is known, told anew under a generation higher than <paramref name="above"/>, which somebody has told and nobody saved: the set told with it
    /// may be another one, and must not stand. Its photos are asked for, because whoever heard that set may have forgotten them.
    /// </summary>
    public static ListingChange Restated(KnownListing known, long above, DateTimeOffset now, TimeSpan askAgainAfter)
    {
        var next = known with { Generation = Higher(above, now), Ask = 0, AskedAt = now, NextAskAt = now + askAgainAfter };
        return known.Withdrawn is not null ? new(ChangeKind.Withdrawn, next, []) : new(ChangeKind.Changed, next, NotRejected(known));
    }

    /// <summary>The same under a generation that is also higher than <paramref name="above"/>.</summary>
    public ListingChange Above(long above, DateTimeOffset now) =>
        Next.Generation > above ? this : this with { Next = Next with { Generation = Higher(above, now) } };

    // Never below the clock, so that a database that was lost does not make new sets look older than those announced before.
    static long Higher(long generation, DateTimeOffset now) => Math.Max(generation + 1, now.ToUnixTimeMilliseconds());

    static IReadOnlyList<ReadPhoto> NotRejected(KnownListing listing) => [.. listing.Photos.Where(p => !listing.Is(p, MissingReason.Rejected))];

    // Everything that a website would show differently, and nothing that only says where the bytes are today.
    static string FingerprintOf(ReadListing read)
    {
        var shown = JsonSerializer.SerializeToUtf8Bytes(new
        {
            read.Withdrawn,
            read.ListingId,
            Photos = read.Photos.Select(p => new { p.MediaKey, p.Version, p.Order, p.Primary, p.Caption, p.Kind, p.Alteration, p.Permissions }),
        });
        return Convert.ToHexStringLower(SHA256.HashData(shown));
    }
}

/// <summary>What a read listing means.</summary>
enum ChangeKind
{
    /// <summary>Nothing to say.</summary>
    None,

    /// <summary>The set or its presentation is to be told.</summary>
    Changed,

    /// <summary>The listing is to be taken back.</summary>
    Withdrawn,
}
