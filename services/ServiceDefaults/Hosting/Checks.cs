using ImagePipeline.Storage.Photos;
using Microsoft.Extensions.DependencyInjection;

namespace ImagePipeline.ServiceDefaults.Hosting;

/// <summary>What a service needs, looked at before it starts, and whether it is ready, looked at whenever somebody asks.</summary>
public static class Checks
{
    /// <summary>Looks at something once, before the service starts; throws a <see cref="CannotStartException"/> or the like when it cannot be used.</summary>
    public static IServiceCollection AddStartCheck(this IServiceCollection services, Func<IServiceProvider, CancellationToken, Task> check) =>
        services.AddSingleton(new StartCheck(check));

    /// <summary>Looks at something each time somebody asks whether the service is ready.</summary>
    public static IServiceCollection AddReadyCheck(this IServiceCollection services, string name, Func<IServiceProvider, CancellationToken, Task<Finding>> check) =>
        services.AddSingleton(new ReadyCheck(name, check));

    /// <summary>The service writes to the photo store: it is written, read and deleted from before the service starts.</summary>
    public static IServiceCollection AddStoreCheck(this IServiceCollection services) =>
        services.AddStartCheck((s, c) => s.GetRequiredService<IPhotoStore>().CheckAsync(c));
}

/// <summary>What a check has found, as a sentence without credentials.</summary>
public sealed record Finding(bool IsGood, string Sentence);

sealed record StartCheck(Func<IServiceProvider, CancellationToken, Task> RunAsync);

sealed record ReadyCheck(string Name, Func<IServiceProvider, CancellationToken, Task<Finding>> RunAsync);

/// <summary>All that is looked at before a service starts, in turn.</summary>
sealed class StartChecks(IEnumerable<StartCheck> checks, IServiceProvider services)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var check in checks)
            await check.RunAsync(services, cancellation);
    }
}
