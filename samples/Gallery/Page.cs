using System.Globalization;
using System.Net;
using System.Text;
using ImagePipeline.Contracts;

namespace ImagePipeline.Gallery;

/// <summary>One page that shows every listing with its photos, and what is missing. It needs nothing but the store beside it.</summary>
static class Page
{
    /// <summary>Writes the page; its pictures are found in the store by paths relative to the page.</summary>
    public static async Task WriteAsync(IReadOnlyList<PhotosReady> listings, string store, string output)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(output))!;
        Directory.CreateDirectory(folder);
        var partial = output + ".part";
        await File.WriteAllTextAsync(partial, Render(listings, PathTo(Path.GetRelativePath(folder, Path.GetFullPath(store)))));
        File.Move(partial, output, overwrite: true);
    }

    /// <summary>The page as text; <paramref name="store"/> is the escaped path from the page to the store.</summary>
    public static string Render(IReadOnlyList<PhotosReady> listings, string store)
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Count(listings.Count, "listing")}</title>
            <style>
            {Style.Css}
            </style>
            </head>
            <body>
            {Header(listings)}
            <main>

            """);
        foreach (var listing in listings) html.Append(Section(listing, store));
        if (listings.Count == 0) html.Append("<p class=\"none\">No listing was announced yet.</p>\n");
        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    static string Header(IReadOnlyList<PhotosReady> listings)
    {
        var bytes = listings.Sum(listing => listing.Photos.Sum(photo => photo.Renditions.Sum(rendition => rendition.Bytes)));
        return $"""
            <header>
            <h1>Listings with their photos</h1>
            <ul class="totals">
            {Total(listings.Count, listings.Count == 1 ? "listing" : "listings")}
            {Total(listings.Count(listing => listing.Complete), "complete")}
            {Total(listings.Sum(listing => listing.Photos.Count), "photos")}
            {Total(listings.Sum(listing => listing.Missing.Count), "missing")}
            <li><b>{(bytes / 1e6).ToString("N1", CultureInfo.InvariantCulture)} MB</b> resized</li>
            </ul>
            </header>
            """;
    }

    static string Total(int number, string what) => $"<li><b>{number.ToString("N0", CultureInfo.InvariantCulture)}</b> {what}</li>";

    static string Section(PhotosReady listing, string store) => $"""
        <section id="{Text(listing.ListingUid.ToString())}">
        <h2>{Text(listing.ListingKey)}
        {(listing.ListingId is { } number ? $"<span class=\"number\">MLS {Text(number)}</span>" : "")}
        {(listing.Complete ? "<span class=\"badge good\">complete</span>" : "<span class=\"badge bad\">incomplete</span>")}
        {(listing.Final ? "" : "<span class=\"badge\">still trying</span>")}</h2>
        <p class="facts">Feed {Text(listing.Feed)} · {Count(listing.Photos.Count, "photo")}
        {(listing.Missing.Count > 0 ? $"· {listing.Missing.Count} missing" : "")}
        · announcement {listing.Announcement} of generation {listing.Generation} · {Time(listing.ReadyAt)}</p>
        <div class="grid">
        {string.Concat(listing.Photos.Select((photo, place) => Card(photo, place, listing, store)))}
        {string.Concat(listing.Missing.Select(Card))}
        {(listing.Photos.Count + listing.Missing.Count == 0 ? "<p class=\"none\">This listing has no photos.</p>" : "")}
        </div>
        </section>

        """;

    static string Card(ReadyPhoto photo, int place, PhotosReady listing, string store)
    {
        // A photo smaller than the profile has several renditions of one width.
        var sizes = photo.Renditions.DistinctBy(rendition => rendition.Width).OrderBy(rendition => rendition.Width).ToArray();
        var words = photo.Caption ?? photo.Kind ?? $"Photo {place + 1} of {listing.Photos.Count}";
        if (sizes.Length == 0) return $"<figure class=\"missing\"><figcaption><b>{Text(words)}</b><br>It has no renditions.</figcaption></figure>\n";

        return $"""
            <figure>
            <a href="{Link(store, sizes[^1].Key)}"><img loading="lazy" src="{Link(store, sizes[0].Key)}"
            srcset="{string.Join(", ", sizes.Select(size => $"{Link(store, size.Key)} {size.Width}w"))}" sizes="(max-width: 34rem) 46vw, 15rem"
            width="{sizes[0].Width}" height="{sizes[0].Height}" alt="{Text(words)}"></a>
            <figcaption>{Text(words)}{Notes(photo, listing)}</figcaption>
            </figure>

            """;
    }

    static string Card(MissingPhoto photo) => $"""
        <figure class="missing">
        <figcaption><b>{Text(photo.Rejection is { } rejection ? $"{photo.Reason}: {rejection}" : photo.Reason.ToString())}</b>
        <br>{Text(photo.Detail)}<br>
        <small>{Text(photo.MediaKey)} · {(photo.WillBeRetried ? "will be tried again" : "will not be tried again")}</small></figcaption>
        </figure>

        """;

    static string Notes(ReadyPhoto photo, PhotosReady listing) => string.Concat(
        new[] { photo.PhotoId == listing.Primary ? "primary" : null, photo.Outdated ? "newer version awaited" : null, photo.Copyright }
            .Concat(photo.Alteration)
            .Where(note => !string.IsNullOrEmpty(note))
            .Select(note => $" <span class=\"note\">{Text(note!)}</span>"));

    /// <summary>An object's key as a link: file names hold percent signs of their own, which a link must escape once more.</summary>
    static string Link(string store, string key) => Text($"{store}/{PathTo(key)}");

    static string PathTo(string path) => string.Join('/', path.Replace('\\', '/').Split('/').Select(Uri.EscapeDataString));

    static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";

    static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    static string Text(string text) => WebUtility.HtmlEncode(text);
}
