using MassTransit;
using MassTransit.Context;
using MassTransit.Middleware;
using MassTransit.Saga;

namespace ImagePipeline.Storage.Sagas;

/// <summary>One message's view of the saga table, as MassTransit calls it: load or add, behave, then one write.</summary>
sealed class SagaTableContext<TSaga, TMessage>(
    SagaTable<TSaga> table, ConsumeContext<TMessage> context, ISagaConsumeContextFactory<SagaTable<TSaga>, TSaga> factory)
    : ConsumeContextScope<TMessage>(context), SagaRepositoryContext<TSaga, TMessage>
    where TSaga : class, ISaga, ISagaVersion
    where TMessage : class
{
    readonly ConsumeContext<TMessage> _context = context;

    public Task<SagaConsumeContext<TSaga, TMessage>> Add(TSaga instance) => Use(instance, SagaConsumeContextMode.Add);

    // Null tells MassTransit that the saga exists and is to be loaded; only "it exists" may say so, never a database that is down.
    public async Task<SagaConsumeContext<TSaga, TMessage>?> Insert(TSaga instance) =>
        await table.InsertAsync(instance, CancellationToken) ? await Use(instance, SagaConsumeContextMode.Insert) : null;

    public async Task<SagaConsumeContext<TSaga, TMessage>?> Load(Guid correlationId) =>
        await table.LoadAsync(correlationId, CancellationToken) is { } saga ? await Use(saga, SagaConsumeContextMode.Load) : null;

    // Two first messages of one saga race to here; the loser reads the winner's row when it is retried.
    public async Task Save(SagaConsumeContext<TSaga> context)
    {
        if (!await table.InsertAsync(context.Saga, CancellationToken))
            throw SagaTable<TSaga>.Changed(context.Saga);
    }

    public Task Update(SagaConsumeContext<TSaga> context) => table.UpdateAsync(context.Saga, CancellationToken);

    public Task Delete(SagaConsumeContext<TSaga> context) => table.DeleteAsync(context.Saga, CancellationToken);

    public Task Discard(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task<SagaConsumeContext<TSaga, T>> CreateSagaConsumeContext<T>(ConsumeContext<T> consumeContext, TSaga instance, SagaConsumeContextMode mode)
        where T : class => factory.CreateSagaConsumeContext(table, consumeContext, instance, mode);

    Task<SagaConsumeContext<TSaga, TMessage>> Use(TSaga instance, SagaConsumeContextMode mode) =>
        factory.CreateSagaConsumeContext(table, _context, instance, mode);
}

/// <summary>The saga table outside of a message.</summary>
sealed class SagaTableContext<TSaga>(SagaTable<TSaga> table, CancellationToken cancellation)
    : BasePipeContext(cancellation), LoadSagaRepositoryContext<TSaga>
    where TSaga : class, ISaga, ISagaVersion
{
    // MassTransit is not annotated here: null is how it hears that there is no saga.
    public Task<TSaga> Load(Guid correlationId) => table.LoadAsync(correlationId, CancellationToken)!;
}
