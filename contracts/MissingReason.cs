using System.Text.Json.Serialization;

namespace ImagePipeline.Contracts;

/// <summary>Why a photo is missing from an announcement. On the wire: the names.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MissingReason>))]
public enum MissingReason
{
    /// <summary>Not settled yet.</summary>
    Pending,

    /// <summary>The data is bad.</summary>
    Rejected,

    /// <summary>All tries failed; it waits for a replay or a change of the feed.</summary>
    Failed,
}
