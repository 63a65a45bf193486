namespace ImagePipeline.TestSupport.Services;

/// <summary>Services that belong together: one broker, one database, one store, one feeds file.</summary>
sealed class Deployment(TempFolder folder, TestBroker broker, string database)
{
    /// <summary>Settings of every service started from now on, as environment variables.</summary>
    public Dictionary<string, string> Environment { get; } = new(
        broker.Settings.Select(s => KeyValuePair.Create(s.Key.Replace(":", "__", StringComparison.Ordinal), s.Value ?? "")))
    {
        ["Database__ConnectionString"] = database,
        ["Store__Url"] = $"file:{folder["store"]}",
        ["FeedsFile"] = folder["feeds.json"],
        ["PhotoWorker__Fetching__AllowedPrivateHosts__0"] = "127.0.0.1",
        // What has failed is looked for where it failed.
        ["Errors__TakeIn"] = "false",
    };

    /// <summary>Makes the feeds file: one feed <c>sample</c>, or none.</summary>
    public async Task UseFeedAsync(Uri? source) => await File.WriteAllTextAsync(
        folder["feeds.json"], source is null ? """{ "Feeds": {} }""" : $$"""{ "Feeds": { "sample": { "Source": "{{source}}" } } }""");

    /// <summary>Starts a service, with further settings of its own, without waiting for it.</summary>
    public ServiceProcess Start(string name, params (string Variable, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>(Environment);
        foreach (var (variable, value) in settings)
            environment[variable] = value;
        return ServiceProcess.Start(name, folder.Path, environment);
    }
}
