namespace ImagePipeline.ServiceDefaults;

/// <summary>Section <c>Bus</c>: what carries the messages.</summary>
public sealed class BusOptions
{
    /// <summary>RabbitMQ between processes, or memory within one.</summary>
    /// <value>Default <see cref="BusTransport.RabbitMq"/>.</value>
    public BusTransport Transport { get; set; } = BusTransport.RabbitMq;
}

/// <summary>The kinds of bus.</summary>
public enum BusTransport
{
    /// <summary>A RabbitMQ broker, for any number of processes; section <c>RabbitMqTransport</c> says which.</summary>
    RabbitMq,

    /// <summary>The memory of one process that hosts everything.</summary>
    InMemory,
}
