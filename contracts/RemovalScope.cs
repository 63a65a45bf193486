using System.Text.Json.Serialization;

namespace ImagePipeline.Contracts;

/// <summary>What a <see cref="PhotosRemoved"/> is about. On the wire: the names.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RemovalScope>))]
public enum RemovalScope
{
    /// <summary>The listing and everything stored of it.</summary>
    Listing,

    /// <summary>Some photos, or earlier versions of them.</summary>
    Photos,
}
