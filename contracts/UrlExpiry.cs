using System.Text.Json.Serialization;

namespace ImagePipeline.Contracts;

/// <summary>How the lease on a photo's bytes ended. On the wire: the names.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UrlExpiry>))]
public enum UrlExpiry
{
    /// <summary>Its time was over before it was used.</summary>
    TimeOver,

    /// <summary>The vendor refused it (400, 401 or 403).</summary>
    Refused,

    /// <summary>It works once only, and was used.</summary>
    Spent,
}
