using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests.Services;

/// <summary>The scripts of samples/website-node with what they need, in a folder of their own: the checkout stays as it is.</summary>
public sealed class WebsiteNode : IAsyncLifetime
{
    readonly TempFolder _folder = new();
    string _node = "";

    public async ValueTask InitializeAsync()
    {
        (_node, var npm) = await NodeJs.FindAsync();
        foreach (var file in new DirectoryInfo(Repository.File("samples/website-node")).EnumerateFiles())
            file.CopyTo(_folder[file.Name]);
        await NodeJs.InstallAsync(npm, _folder.Path);
    }

    /// <summary>Starts a script, with what it is told of the broker, without waiting for it.</summary>
    internal ServiceProcess Start(string script, TestBroker broker, params string[] arguments) => ServiceProcess.Run(
        script, _node, [script, .. arguments], _folder.Path, new Dictionary<string, string>
        {
            ["AMQP_URL"] = $"amqp://{Uri.EscapeDataString(broker.User)}:{Uri.EscapeDataString(broker.Password)}@{broker.Host}:{broker.Port}/{Uri.EscapeDataString(broker.VHost)}",
            ["PHOTOS_URL"] = WebsiteSamplesTests.PhotosUrl,
        });

    /// <summary>Runs a script to its end.</summary>
    internal async Task<Ended> RunAsync(string script, TestBroker broker, params string[] arguments)
    {
        await using var process = Start(script, broker, arguments);
        return await process.EndAsync();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
