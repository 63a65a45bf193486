using MassTransit;
using MassTransit.Configuration;
using MassTransit.Serialization;

namespace ImagePipeline.ServiceDefaults.RabbitMq;

/// <summary>
/// Retries on the shared delay queues of <see cref="BrokerTopology"/>, in the place of MassTransit's own redelivery, which needs a plugin that
/// brokers no longer have.
/// </summary>
sealed class RabbitMqRungs(IConsumePipeConfigurator endpoint, RungOptions rungs, Action<IRedeliveryConfigurator> configure)
    : ScheduledRedeliveryConfigurationObserver(endpoint, configure)
{
    protected override IRedeliveryPipeSpecification AddRedeliveryPipeSpecification<TMessage>(IConsumePipeConfigurator configurator)
    {
        var specification = new Specification<TMessage>(rungs);
        configurator.AddPipeSpecification(specification);
        return specification;
    }

    sealed class Specification<T>(RungOptions rungs) : IPipeSpecification<ConsumeContext<T>>, IRedeliveryPipeSpecification
        where T : class
    {
        public RedeliveryOptions Options { get; set; }

        public void Apply(IPipeBuilder<ConsumeContext<T>> builder) => builder.AddFilter(new Filter<T>(rungs));

        public IEnumerable<ValidationResult> Validate() => [];
    }

    sealed class Filter<T>(RungOptions rungs) : IFilter<ConsumeContext<T>>
        where T : class
    {
        public Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
        {
            var redelivery = new Redelivery<T>(context, rungs);
            context.AddOrUpdatePayload<MessageRedeliveryContext>(() => redelivery, _ => redelivery);
            return next.Send(context);
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("rungs");
    }

    sealed class Redelivery<T>(ConsumeContext<T> context, RungOptions rungs) : MessageRedeliveryContext
        where T : class
    {
        public async Task ScheduleRedelivery(TimeSpan delay, Action<ConsumeContext, SendContext>? callback)
        {
            var rung = BrokerTopology.Rung(rungs.InForce.Where(d => d >= delay).DefaultIfEmpty(rungs.InForce.Max()).Min());
            // By its queue's name the message comes back to this lane alone.
            var lane = context.ReceiveContext.InputAddress.AbsolutePath.Split('/')[^1];
            var endpoint = await context.GetSendEndpoint(new Uri($"exchange:{rung}"));
            var send = Pipe.Execute<SendContext<T>>(sent =>
            {
                sent.ApplyRedeliveryOptions(context, RedeliveryOptions.None);
                sent.SetRoutingKey(lane);
                // A rung that is missing is told to us; else the message would be gone without a word.
                sent.GetPayload<RabbitMqSendContext>().Mandatory = true;
                callback?.Invoke(context, sent);
            });
            await endpoint.Send(context.Message, new ForwardMessagePipe<T>(context, send), context.CancellationToken);
        }
    }
}
