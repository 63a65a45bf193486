using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;

namespace ImagePipeline.TestSupport.Servers;

/// <summary>Docker, where it runs.</summary>
static class DockerEngine
{
    /// <summary>Starts a container, which ends with the tests or soon after they were killed.</summary>
    /// <exception cref="NoServerException">No engine answers, or it does not run the image.</exception>
    public static async Task<TContainer> StartAsync<TContainer>(string image, Func<TContainer> build)
        where TContainer : IContainer
    {
        try
        {
            // Building asks whether an engine answers, on the caller's thread, and a remote one may never do.
            var container = await Task.Run(build).WaitAsync(TimeSpan.FromSeconds(15), TimeProvider.System);
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3), TimeProvider.System);
            await container.StartAsync(patience.Token);
            return container;
        }
        catch (Exception error) when (error is DockerUnavailableException or TimeoutException)
        {
            throw new NoServerException("no Docker engine answers", error);
        }
        catch (Exception error)
        {
            throw new NoServerException($"Docker does not run {image}: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
