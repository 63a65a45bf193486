namespace ImagePipeline.Storage.Failures;

/// <summary>A message that a replay is to publish.</summary>
public sealed record StagedMessage
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The id of its first failure.</summary>
    public required string FirstId { get; init; }

    /// <summary>The queue to send it to.</summary>
    public required string Queue { get; init; }

    /// <summary>The message's own id.</summary>
    public string? MessageId { get; init; }

    /// <summary>How often it has failed.</summary>
    public required int Failures { get; init; }

    /// <summary>AMQP properties and headers, as bytes.</summary>
    public required byte[] Properties { get; init; }

    /// <summary>The body's bytes.</summary>
    public required byte[] Body { get; init; }
}
