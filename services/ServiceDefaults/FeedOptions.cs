using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.ServiceDefaults;

/// <summary>One feed, as configured under <c>Feeds:{feed id}</c>: read by FeedIngest and by PhotoWorker.</summary>
public sealed class FeedOptions : IValidatableObject
{
    /// <summary>Where listings are read: a file or an http(s) URL. Empty for a feed whose listings arrive on the bus only.</summary>
    public string Source { get; set; } = "";

    /// <summary>Headers sent with each request for listings, such as <c>Authorization</c>. May hold secrets; never logged.</summary>
    public Dictionary<string, string> Headers { get; set; } = [];

    /// <summary>Headers sent with each request for a photo, only to the host the feed names. May hold secrets; never logged.</summary>
    public Dictionary<string, string> MediaHeaders { get; set; } = [];

    /// <summary>The only hosts that photos may come from; empty: every public host. Private addresses need an entry of their own here or in
    /// <c>PhotoWorker:Fetching:AllowedPrivateHosts</c>.</summary>
    public List<string> AllowedHosts { get; set; } = [];

    /// <summary>Query parameters of a photo's URL that are part of the lease and do not tell which bytes it leads to, beside the well-known ones.</summary>
    public List<string> LeaseParameters { get; set; } = [];

    /// <summary>How many photos of this feed may be asked for and not settled.</summary>
    /// <value>Default 2,000 photos; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int OutstandingPhotos { get; set; } = 2_000;

    /// <summary>How many photos of this feed one worker has in work at once; null: <c>PhotoWorker:LaneConcurrency</c>.</summary>
    /// <value>Default null; 1 to 4,096.</value>
    [Range(1, 4096)]
    public int? LaneConcurrency { get; set; }

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // Names only: what a header says may be a secret.
        foreach (var name in Headers.Concat(MediaHeaders).Where(h => !IsSendable(h.Key, h.Value)).Select(h => h.Key))
        {
            yield return new ValidationResult(
                $"The header \"{Printable(name)}\" of a feed cannot be sent; its name must be a token such as Authorization and no content header, its value printable ASCII.");
        }
        foreach (var host in AllowedHosts.Where(h => !IsHost(h)))
            yield return new ValidationResult($"AllowedHosts of a feed has \"{Printable(host)}\", which is no host name or IP address, such as photos.example.com.");
    }

    /// <summary>Whether a text is a host name or an IP address, without scheme, port or path.</summary>
    public static bool IsHost(string? host) => Uri.CheckHostName(host) != UriHostNameType.Unknown;

    static bool IsSendable(string name, string? value)
    {
        using var request = new HttpRequestMessage();
        return value is not null && value.All(c => c is >= ' ' and <= '~') && request.Headers.TryAddWithoutValidation(name, value);
    }

    static string Printable(string text) => new([.. text.Take(100).Select(c => char.IsControl(c) ? '?' : c)]);
}
