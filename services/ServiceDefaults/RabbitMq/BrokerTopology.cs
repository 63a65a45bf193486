using ImagePipeline.Contracts;
using MassTransit;
using RabbitMQ.Client;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>
/// Every exchange and queue of the product on RabbitMQ, with its arguments: the one place that knows them. A process declares all of it before its
/// bus starts, so that nothing is lost for want of a queue, whichever service is started first.
/// </summary>
static class BrokerTopology
{
    /// <summary>Where a request goes that no lane takes, and what comes from a rung for a lane that is gone.</summary>
    public const string Unrouted = "photo-requested-unrouted";

    /// <summary>Where a message goes that was given back more often than <see cref="DeliveryLimit"/>.</summary>
    public const string Parking = "parking";

    /// <summary>Where rungs send messages when their wait is over; each lane is bound to it by its queue's name.</summary>
    public const string RungReturn = "rung-return";

    /// <summary>What feeds the saga.</summary>
    public const string ListingNotifier = "listing-notifier";

    /// <summary>How often a message is given back before it is parked. A worker that crashes gives back all it has prefetched: far more crashes than anyone sits through, far fewer than for ever.</summary>
    public const int DeliveryLimit = 100;

    // Looking at a message in the management page counts as a delivery. Not -1: RabbitMQ 3.10 deletes the message at its first requeue.
    const int NoDeliveryLimit = 1_000_000;

    /// <summary>The queues beside the lanes, and the messages each takes.</summary>
    static readonly (string Queue, Func<IBusTopology, string>[] Messages)[] Consumed =
    [
        ("listing-photos-submitted", [Name<ListingPhotosSubmitted>]),
        ("listing-photos-requested", [Name<ListingPhotosRequested>]),
        ("photo-url-expired", [Name<PhotoUrlExpired>]),
        ("feed-announcements", [Name<PhotosReady>, Name<PhotosRemoved>]),
        (ListingNotifier, [Name<ListingPhotosChanged>, Name<PhotoStored>, Name<PhotoRejected>, Name<Fault<PhotoRequested>>, Name<ListingWithdrawn>, Name<ListingBackfilled>]),
    ];

    /// <summary>Every queue that something is consumed from, but the lanes.</summary>
    public static IEnumerable<string> InputQueues => Consumed.Select(c => c.Queue);

    /// <summary>The queue of a rung: its wait is part of its name, because neither can be changed later.</summary>
    public static string Rung(TimeSpan delay) => delay switch
    {
        { Ticks: var t } when t % TimeSpan.TicksPerHour == 0 => $"rung-{delay.TotalHours:0}h",
        { Ticks: var t } when t % TimeSpan.TicksPerMinute == 0 => $"rung-{delay.TotalMinutes:0}m",
        { Ticks: var t } when t % TimeSpan.TicksPerSecond == 0 => $"rung-{delay.TotalSeconds:0}s",
        _ => $"rung-{Milliseconds(delay)}ms",
    };

    /// <summary>The queues that hold what nobody takes up by itself.</summary>
    public static IEnumerable<string> Waiting(RungOptions rungs) => rungs.InForce.Select(Rung).Distinct().Append(Parking).Append(Unrouted);

    /// <summary>What every process tells its bus, so that what the bus declares is what is declared here.</summary>
    public static void Apply(IRabbitMqBusFactoryConfigurator bus)
    {
        bus.Send<PhotoRequested>(s => s.UseRoutingKeyFormatter(c => Lane.Of(c.Message)));
        bus.Publish<PhotoRequested>(p =>
        {
            p.ExchangeType = ExchangeType.Direct;
            p.BindAlternateExchangeQueue(Unrouted, Unrouted, queue => Set(queue, Kept()));
        });
        // They take on the arguments of their input queue, and would park failed messages that somebody looked at.
        bus.SendTopology.ConfigureErrorSettings = Keep;
        bus.SendTopology.ConfigureDeadLetterSettings = Keep;

        static void Keep(IRabbitMqQueueConfigurator queue)
        {
            foreach (var argument in Input().Keys)
                queue.SetQueueArgument(argument, null);
            Set(queue, Kept());
        }
    }

    /// <summary>Makes an endpoint's queue what is declared here.</summary>
    public static void Apply(IRabbitMqReceiveEndpointConfigurator endpoint) => Set(endpoint, Input());

    /// <summary>Makes an endpoint the one of a lane.</summary>
    public static void Apply(IRabbitMqReceiveEndpointConfigurator endpoint, string lane)
    {
        Apply(endpoint);
        endpoint.ConfigureConsumeTopology = false;
        endpoint.Bind<PhotoRequested>(b =>
        {
            b.ExchangeType = ExchangeType.Direct;
            b.RoutingKey = lane;
        });
        endpoint.Bind(RungReturn, b =>
        {
            b.ExchangeType = ExchangeType.Direct;
            b.SetExchangeArgument(AlternateExchange, Unrouted);
            b.RoutingKey = Lane.Queue(lane);
        });
    }

    /// <summary>Declares everything but the lanes of feeds. Safe to repeat.</summary>
    public static async Task DeclareAsync(IChannel channel, IBusTopology names, RungOptions rungs, CancellationToken cancellation)
    {
        await DeclareQueueAsync(channel, Unrouted, Kept(), cancellation);
        await DeclareQueueAsync(channel, Parking, Kept(), cancellation);
        await channel.ExchangeDeclareAsync(
            RungReturn, ExchangeType.Direct, durable: true, arguments: new Dictionary<string, object?> { [AlternateExchange] = Unrouted }, cancellationToken: cancellation);
        foreach (var delay in rungs.InForce.Distinct())
            await DeclareQueueAsync(channel, Rung(delay), Held(delay), cancellation);
        await channel.ExchangeDeclareAsync(
            Name<PhotoRequested>(names), ExchangeType.Direct, durable: true,
            arguments: new Dictionary<string, object?> { [AlternateExchange] = Unrouted }, cancellationToken: cancellation);
        foreach (var (queue, messages) in Consumed)
        {
            await DeclareInputAsync(channel, queue, cancellation);
            foreach (var name in messages.Select(name => name(names)))
            {
                await channel.ExchangeDeclareAsync(name, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
                await channel.ExchangeBindAsync(queue, name, "", cancellationToken: cancellation);
            }
        }
        await DeclareLaneAsync(channel, names, Lane.Urgent, cancellation);
    }

    /// <summary>Declares a lane, after everything else. Safe to repeat.</summary>
    public static async Task DeclareLaneAsync(IChannel channel, IBusTopology names, string lane, CancellationToken cancellation)
    {
        var queue = Lane.Queue(lane);
        await DeclareInputAsync(channel, queue, cancellation);
        await channel.ExchangeBindAsync(queue, Name<PhotoRequested>(names), lane, cancellationToken: cancellation);
        await channel.ExchangeBindAsync(queue, RungReturn, queue, cancellationToken: cancellation);
    }

    /// <summary>Declares the saga's queue alone, for who sends straight to it: what it holds waits for the saga. Safe to repeat.</summary>
    public static Task DeclareListingNotifierAsync(IChannel channel, CancellationToken cancellation) => DeclareInputAsync(channel, ListingNotifier, cancellation);

    // With the queues that hold what fails on it, which the bus itself makes when the first message fails: whoever looks for failed messages every few seconds would ask for queues that are
    // not there, and each such question is an error in the broker's log.
    static async Task DeclareInputAsync(IChannel channel, string queue, CancellationToken cancellation)
    {
        await DeclareQueueAsync(channel, queue, Input(), cancellation);
        foreach (var failed in FailedDelivery.Of(queue))
            await DeclareQueueAsync(channel, failed, Kept(), cancellation);
    }

    // A queue has an exchange of its own in front, as MassTransit has it.
    static async Task DeclareQueueAsync(IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancellation)
    {
        await channel.ExchangeDeclareAsync(queue, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellation);
        await channel.QueueBindAsync(queue, queue, "", cancellationToken: cancellation);
    }

    static string Name<T>(IBusTopology names)
        where T : class => names.Message<T>().EntityName;

    // Of an input queue: what is given back too often is parked, and arrives there for certain.
    static Dictionary<string, object?> Input() => new()
    {
        [QueueType] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        ["x-dead-letter-exchange"] = Parking,
        ["x-dead-letter-strategy"] = "at-least-once",
        // Part of at-least-once. Without a length nothing is ever rejected.
        ["x-overflow"] = "reject-publish",
    };

    // Of a queue that people look into.
    static Dictionary<string, object?> Kept() => new()
    {
        [QueueType] = "quorum",
        ["x-delivery-limit"] = NoDeliveryLimit,
    };

    // Of a rung. Not to the default exchange: 40 messages for a lane that was gone stopped the retries of all.
    static Dictionary<string, object?> Held(TimeSpan delay) => new()
    {
        [QueueType] = "quorum",
        ["x-message-ttl"] = Milliseconds(delay),
        ["x-dead-letter-exchange"] = RungReturn,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    static int Milliseconds(TimeSpan delay) => (int)Math.Ceiling(delay.TotalMilliseconds);

    static void Set(IRabbitMqQueueConfigurator queue, Dictionary<string, object?> arguments)
    {
        foreach (var (name, value) in arguments)
            queue.SetQueueArgument(name, value);
    }

    const string QueueType = "x-queue-type";
    const string AlternateExchange = "alternate-exchange";
}
