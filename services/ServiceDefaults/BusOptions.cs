using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.ServiceDefaults;

/// <summary>Section <c>Bus</c>: what carries the messages.</summary>
public sealed class BusOptions
{
    /// <summary>RabbitMQ between processes, or memory within one.</summary>
    /// <value>Default <see cref="BusTransport.RabbitMq"/>.</value>
    public BusTransport Transport { get; set; } = BusTransport.RabbitMq;

    /// <summary>How long the bus may take to confirm that it has a message. It is published again after that, under the same id.</summary>
    /// <value>Default 1 minute; 5 s to 1 hour.</value>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>The kinds of bus.</summary>
public enum BusTransport
{
    /// <summary>A RabbitMQ broker, for any number of processes; section <c>RabbitMqTransport</c> says which.</summary>
    RabbitMq,

    /// <summary>The memory of one process that hosts everything.</summary>
    InMemory,
}
