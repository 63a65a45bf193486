using System.Diagnostics;
using ImagePipeline.Storage.Database;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.ServiceDefaults.Tests;

public sealed class GatesOnRabbitMqTests(RabbitMqServer server, PostgresServer postgres) : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    TestBroker _broker = null!;
    TestDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await server.CreateVirtualHostAsync();
        _database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres);
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_endpoint_that_has_held_too_long_stops_gives_all_back_and_starts_when_the_gate_opens(bool atTheEntrance)
    {
        await using var host = await StartAsync(WaitAtGateAsync, atTheEntrance ? [GateHost.Gate] : []);
        host.Gates.Close(GateHost.Gate, TimeSpan.FromHours(1), "Come later.");

        await host.AskAsync(50);
        await UntilAsync(() => host.Keeper.StoppedOnPurpose.Count == 1);
        await UntilAsync(async () => await _broker.CountAsync(GateHost.Queue) == 50);
        Assert.Equal(atTheEntrance ? 0 : GateHost.Prefetch, host.Begun.Count);
        Assert.Equal($"/{_broker.VHost}/{GateHost.Queue}", Assert.Single(host.Keeper.StoppedOnPurpose).AbsolutePath);

        host.Open();
        await UntilAsync(() => host.Done.Count >= 50);

        Assert.Empty(host.Keeper.StoppedOnPurpose);
        Assert.Equal(Enumerable.Range(0, 50), host.Done.Order());
        Assert.Equal(1, host.DeliveriesBefore);
        await NothingFailedAsync(host);
    }

    [Fact]
    public async Task Each_stop_costs_a_message_one_delivery_and_lets_one_message_try()
    {
        var tries = 0;
        await using var host = await StartAsync(async (context, gates) =>
        {
            while (true)
            {
                using var pass = await gates.WaitAsync(GateHost.Gate, context.CancellationToken);
                if (Volatile.Read(ref tries) >= 3)
                {
                    pass.Succeeded();
                    return;
                }
                if (!pass.IsValid)
                    continue;
                Interlocked.Increment(ref tries);
                pass.Refused(TimeSpan.FromSeconds(2), "Still not.");
            }
        });
        host.Gates.Close(GateHost.Gate, TimeSpan.FromSeconds(2), "Not now.");

        await host.AskAsync(50);
        await UntilAsync(() => host.Done.Count >= 50);

        Assert.Equal(Enumerable.Range(0, 50), host.Done.Order());
        Assert.Equal(3, tries);
        Assert.InRange(host.DeliveriesBefore, 1, 4);
        await NothingFailedAsync(host);
    }

    [Fact]
    public async Task What_is_in_work_when_an_endpoint_stops_is_finished()
    {
        var finish = new TaskCompletionSource();
        await using var host = await StartAsync(async (context, gates) =>
        {
            if (context.Message.Number == 0)
                await finish.Task;
            else
                await WaitAtGateAsync(context, gates);
        });
        host.Gates.Close(GateHost.Gate, TimeSpan.FromHours(1), "Come later.");
        await host.AskAsync(10);
        await UntilAsync(() => host.Held == 9);
        await UntilAsync(() => host.Keeper.StoppedOnPurpose.Count == 1 && host.Held == 0);

        finish.SetResult();
        await UntilAsync(async () => await _broker.CountAsync(GateHost.Queue) == 9);
        host.Open();
        await UntilAsync(() => host.Done.Count >= 10);

        Assert.Equal(Enumerable.Range(0, 10), host.Done.Order());
        await NothingFailedAsync(host);
    }

    [Fact]
    public async Task A_process_that_stops_does_not_wait_for_a_gate()
    {
        var host = await StartAsync(WaitAtGateAsync, settings: ("Gates:HoldTime", "00:20:00"));
        host.Gates.Close(GateHost.Gate, TimeSpan.FromHours(1), "Come later.");
        await host.AskAsync(50);
        await UntilAsync(() => host.Held == GateHost.Prefetch);

        var stopping = Stopwatch.StartNew();
        await host.DisposeAsync();

        Assert.InRange(stopping.Elapsed.TotalSeconds, 0, 4);
        Assert.Equal(50, await _broker.CountAsync(GateHost.Queue));
        Assert.Null(await _broker.CountAsync($"{GateHost.Queue}_error"));
    }

    static async Task WaitAtGateAsync(ConsumeContext<Job> context, Gates gates)
    {
        using var pass = await gates.WaitAsync(GateHost.Gate, context.CancellationToken);
    }

    async Task NothingFailedAsync(GateHost host)
    {
        Assert.Empty(host.Faults);
        Assert.Null(await _broker.CountAsync($"{GateHost.Queue}_error"));
        Assert.Equal(0, await _broker.CountAsync("parking"));
    }

    async Task<GateHost> StartAsync(
        Func<ConsumeContext<Job>, Gates, Task> work, string[]? entrance = null, params (string Key, string Value)[] settings)
    {
        await DatabaseSchema.UpgradeAsync(_database.Database, default);
        var all = new Dictionary<string, string?>(_broker.Settings)
        {
            ["Database:ConnectionString"] = _database.ConnectionString,
            ["Gates:HoldTime"] = "00:00:01",
            ["Gates:LongestStop"] = "00:00:02",
            ["Gates:ShareInterval"] = "00:00:00.05",
        };
        foreach (var (key, value) in settings)
            all[key] = value;
        return await GateHost.StartAsync(all, work, entrance ?? []);
    }

    static Task UntilAsync(Func<bool> isSo) => UntilAsync(() => Task.FromResult(isSo()));

    static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await isSo())
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
    }
}
