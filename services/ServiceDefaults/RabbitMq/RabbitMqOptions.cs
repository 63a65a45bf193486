using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>Section <c>RabbitMqTransport</c>: the broker. Named as MassTransit's own settings are.</summary>
public sealed class RabbitMqOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "RabbitMqTransport";

    /// <summary>The broker's host name or address.</summary>
    /// <value>Default <c>localhost</c>.</value>
    [Required]
    public string Host { get; set; } = "localhost";

    /// <summary>The broker's AMQP port.</summary>
    /// <value>Default 5672, AMQP's own; with <see cref="UseSsl"/> brokers listen on 5671 as a rule. 1 to 65,535.</value>
    [Range(1, 65_535)]
    public int Port { get; set; } = 5672;

    /// <summary>The virtual host; everything of the product lives in one.</summary>
    /// <value>Default <c>/</c>.</value>
    [Required]
    public string VHost { get; set; } = "/";

    /// <summary>The user, who must be allowed to configure, write and read in the virtual host.</summary>
    /// <value>Default <c>guest</c>, whom brokers let in from their own machine only.</value>
    [Required]
    public string User { get; set; } = "guest";

    /// <summary>The user's password. Never logged.</summary>
    /// <value>Default <c>guest</c>.</value>
    public string Pass { get; set; } = "guest";

    /// <summary>Whether the connection is encrypted, and the broker's certificate checked against <see cref="Host"/>.</summary>
    /// <value>Default false.</value>
    public bool UseSsl { get; set; }

    /// <summary>
    /// How long the broker may say nothing. A connection, a question or a message that has no answer by then is given up and tried again on a new
    /// connection; the broker is asked for a sign of life in a quarter of it.
    /// </summary>
    /// <value>Default 30 s: heartbeats every 7.5 s, of which RabbitMQ recommends 5 to 20; 4 s to 10 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:04", "00:10:00")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
