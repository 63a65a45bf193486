using System.Security.Cryptography;
using System.Text;

namespace ImagePipeline.Storage.Failures;

/// <summary>A failed message as it was just taken: what is known of it before it is compared with what was taken earlier.</summary>
public sealed record TakenMessage
{
    /// <summary>Which kind of queue it was found in.</summary>
    public required FailureKind Kind { get; init; }

    /// <summary>The queue it failed on; a replay sends it there.</summary>
    public required string Queue { get; init; }

    /// <summary>The queue it was found in.</summary>
    public required string FoundIn { get; init; }

    /// <summary>True when it failed on the in-memory bus of this process.</summary>
    public bool InProcess { get; init; }

    /// <summary>The id that its sender gave it, where it is known from elsewhere than the body.</summary>
    public string? MessageId { get; init; }

    /// <summary>The type of the exception; null where none was thrown.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>Why it failed.</summary>
    public required string Reason { get; init; }

    /// <summary>The stack, where there is one.</summary>
    public string? StackTrace { get; init; }

    /// <summary>When it failed; null where nothing tells, and the time of taking it counts.</summary>
    public DateTimeOffset? FailedAt { get; init; }

    /// <summary>What tells this failure of the message from an earlier one, beside its id and body: the time of the failure as it was written.</summary>
    public string? Occurrence { get; init; }

    /// <summary>The id of the failed message that it is a replay of, where that is written on it: it has no id of its own to tell.</summary>
    public string? ReplayOf { get; init; }

    /// <summary>False when the broker may have handed it to somebody before, who may have kept it and been killed before saying so.</summary>
    public bool IsFirstDelivery { get; init; }

    /// <summary>AMQP properties and headers, as bytes.</summary>
    public ReadOnlyMemory<byte> Properties { get; init; }

    /// <summary>The body's bytes.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The same for the same failure of the same message, however often it is taken.</summary>
    internal string DeliveryKey(string? messageId)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{FoundIn}\n{Queue}\n{messageId}\n{Occurrence}\n"));
        hash.AppendData(Body.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
