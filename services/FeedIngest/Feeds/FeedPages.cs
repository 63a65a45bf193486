using System.Globalization;
using System.Runtime.CompilerServices;

namespace ImagePipeline.FeedIngest.Feeds;

/// <summary>Reads a feed from a RESO Web API, page after page, each asked for when the one before it is used up.</summary>
sealed class FeedPages(string feed, PageRequests requests, FeedReadingOptions limits, IReadOnlyCollection<string> leaseParameters)
{
    public async IAsyncEnumerable<FeedItem> ReadAsync(Uri source, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var pages = new HashSet<string>(StringComparer.Ordinal);
        for (var next = source; next is not null;)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"page {pages.Count + 1} of {SourceUrl.Shown(source)}");
            if (!pages.Add(next.OriginalString))
                throw Unreadable($"page {Number(pages.Count)} of {SourceUrl.Shown(source)} leads back to a page that was read before.");
            if (pages.Count > limits.MaxPages)
                throw Unreadable($"{SourceUrl.Shown(source)} has more than {Number(limits.MaxPages)} pages ({FeedReadingOptions.Section}:MaxPages).");

            using var page = ResoPage.Parse(await requests.GetAsync(next, name, cancellation), feed, name);
            foreach (var item in page.Items(LeaseParameters.With(leaseParameters))) yield return item;
            next = page.NextLink is { } link ? Follow(link, next, name) : null;
        }
    }

    // Verbatim: vendors put a cursor of their own into it. But only to where the feed's headers, which are its password, already go.
    Uri Follow(string link, Uri page, string name)
    {
        if (!SourceUrl.TryFollow(page, link, out var next)) throw Unreadable($"{name} has an @odata.nextLink that is no URL.");
        return SourceUrl.SameOrigin(page, next)
            ? next
            : throw Unreadable($"{name} has an @odata.nextLink to another server, {SourceUrl.Shown(next)}, which is not followed.");
    }

    FeedUnreadableException Unreadable(string why) => new(feed, why);

    static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
