using ImagePipeline.Storage.Database;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImagePipeline.Storage.Sagas;

/// <summary>Registers the durable saga repository.</summary>
public static class SagaTableSetup
{
    /// <summary>Keeps this saga in a table of the <see cref="PipelineDatabase"/>; needs a <see cref="TimeProvider"/> too.</summary>
    public static ISagaRegistrationConfigurator<TSaga> KeepInTable<TSaga>(
        this ISagaRegistrationConfigurator<TSaga> saga, Func<IServiceProvider, SagaTableOptions<TSaga>> options)
        where TSaga : class, ISaga, ISagaVersion
    {
        saga.Repository(repository =>
        {
            repository.TryAddSingleton(services => new SagaTable<TSaga>(
                services.GetRequiredService<PipelineDatabase>(), options(services), services.GetRequiredService<TimeProvider>()));
            repository.RegisterLoadSagaRepository<TSaga, SagaTableContextFactory<TSaga>>();
            repository.RegisterSagaRepository<TSaga, SagaTable<TSaga>, SagaConsumeContextFactory<SagaTable<TSaga>, TSaga>, SagaTableContextFactory<TSaga>>();
        });
        return saga;
    }
}
