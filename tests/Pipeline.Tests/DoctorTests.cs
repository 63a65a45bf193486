using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;

namespace ImagePipeline.Pipeline.Tests;

public sealed class DoctorTests(PostgresServer postgres, RabbitMqServer rabbitMq) : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_finds_the_broker_and_the_database_that_services_need()
    {
        await using var broker = await rabbitMq.CreateVirtualHostAsync();

        var ended = await RunAsync(broker, await postgres.CreateDatabaseAsync());

        Assert.True(ended.ExitCode == 0, ended.Said);
        Assert.Contains($"virtual host {broker.VHost}", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_refuses_a_wrong_password_without_telling_it()
    {
        await using var broker = await rabbitMq.CreateVirtualHostAsync();

        var ended = await RunAsync(broker, await postgres.CreateDatabaseAsync(), ("RabbitMqTransport__Pass", "not-the-password"));

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("does not accept the user and password", ended.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-password", ended.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_refuses_a_file_as_the_database_of_several_processes()
    {
        await using var broker = await rabbitMq.CreateVirtualHostAsync();

        var ended = await RunAsync(broker, $"Data Source={_folder["state.db"]}");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("services on a broker need PostgreSQL", ended.Out, StringComparison.Ordinal);
    }

    async Task<Ended> RunAsync(TestBroker broker, string database, params (string Name, string Value)[] settings)
    {
        var imagepipe = new Imagepipe(_folder);
        foreach (var (name, value) in broker.Settings)
            imagepipe.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value!;
        imagepipe.Environment["Database__ConnectionString"] = database;
        foreach (var (name, value) in settings)
            imagepipe.Environment[name] = value;
        return await imagepipe.CommandAsync("doctor", "--store", $"file:{imagepipe.Store}");
    }
}
