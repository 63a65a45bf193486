using MassTransit;

namespace ImagePipeline.FeedIngest;

/// <summary>
/// An endpoint that senders without MassTransit use too: what does not come in its envelope is read as the message itself, as plain JSON. Which of the two
/// it is follows from the content type: <c>application/vnd.masstransit+json</c> is the envelope, any other, or none, is plain.
/// </summary>
sealed class FromOutside<TConsumer> : ConsumerDefinition<TConsumer>
    where TConsumer : class, IConsumer
{
    // Any message type: plain JSON does not say what it is, and the queue does. No headers of its are passed on.
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<TConsumer> consumerConfigurator, IRegistrationContext context) =>
        endpointConfigurator.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
}
