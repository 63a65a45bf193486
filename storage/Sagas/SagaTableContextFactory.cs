using MassTransit;
using MassTransit.Saga;

namespace ImagePipeline.Storage.Sagas;

/// <summary>Where MassTransit meets the saga table. Sagas are found by id only.</summary>
sealed class SagaTableContextFactory<TSaga>(SagaTable<TSaga> table, ISagaConsumeContextFactory<SagaTable<TSaga>, TSaga> factory)
    : ISagaRepositoryContextFactory<TSaga>, ILoadSagaRepositoryContextFactory<TSaga>
    where TSaga : class, ISaga, ISagaVersion
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next)
        where T : class => next.Send(new SagaTableContext<TSaga, T>(table, context, factory));

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class => throw new NotSupportedException("Sagas are found by their id; correlate with CorrelateById.");

    public Task<T> Execute<T>(Func<LoadSagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken)
        where T : class => asyncMethod(new SagaTableContext<TSaga>(table, cancellationToken));

    public void Probe(ProbeContext context) => context.Add("persistence", "table");
}
