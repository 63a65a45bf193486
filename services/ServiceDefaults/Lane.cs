using ImagePipeline.Contracts;
using MassTransit;

namespace ImagePipeline.ServiceDefaults;

/// <summary>The names of lanes, the same on every kind of bus.</summary>
public static class Lane
{
    /// <summary>The lane of urgent requests of all feeds.</summary>
    public const string Urgent = "urgent";

    /// <summary>The lane a request belongs to; also its routing key.</summary>
    public static string Of(PhotoRequested request) => request.Urgent ? Urgent : request.Feed;

    /// <summary>The queue of a lane.</summary>
    public static string Queue(string lane) => $"photo-requested-{lane}";
}

/// <summary>What the endpoint of a lane, a feed's or the urgent one, does with its requests; told by the process that works on them.</summary>
public delegate void ConfigureLane(IRegistrationContext context, IReceiveEndpointConfigurator endpoint, string lane);
