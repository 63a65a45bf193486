using System.Diagnostics;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.ServiceDefaults.Tests;

public sealed class GatesOnRabbitMqTests(RabbitMqServer server, PostgresServer postgres) : IAsyncLifetime
{
    // Longer than messages take to come, on a busy machine too.
    static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(2);

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
        await Eventually.IsSoAsync(() => host.IsStopped);
        await Eventually.IsSoAsync(async () => await _broker.CountAsync(GateHost.Queue) == 50);
        Assert.Equal(atTheEntrance ? 0 : GateHost.Prefetch, host.Begun.Count);

        host.Open();
        await Eventually.IsSoAsync(() => host.Done.Count >= 50);

        // Told a moment after its first messages have come.
        await Eventually.IsSoAsync(() => !host.IsStopped);
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
                pass.Refused(2 * HoldTime, "Still not.");
            }
        });
        host.Gates.Close(GateHost.Gate, 2 * HoldTime, "Not now.");

        await host.AskAsync(50);
        await Eventually.IsSoAsync(() => host.Done.Count >= 50);

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
        await host.AskAsync(1);
        await Eventually.IsSoAsync(() => host.Begun.Contains(0));
        await host.AskAsync(9, from: 1);
        await Eventually.IsSoAsync(() => host.IsStopped && host.Held == 0);

        finish.SetResult();
        await Eventually.IsSoAsync(async () => await _broker.CountAsync(GateHost.Queue) == 9);
        host.Open();
        await Eventually.IsSoAsync(() => host.Done.Count >= 10);

        Assert.Equal(Enumerable.Range(0, 10), host.Done.Order());
        await NothingFailedAsync(host);
    }

    [Fact]
    public async Task A_process_that_stops_does_not_wait_for_a_gate()
    {
        var host = await StartAsync(WaitAtGateAsync, settings: ("Gates:HoldTime", "00:20:00"));
        host.Gates.Close(GateHost.Gate, TimeSpan.FromHours(1), "Come later.");
        await host.AskAsync(50);
        await Eventually.IsSoAsync(() => host.Held == GateHost.Prefetch);

        var stopping = Stopwatch.StartNew();
        await host.DisposeAsync();

        Assert.InRange(stopping.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        await Eventually.IsSoAsync(async () => await _broker.CountAsync(GateHost.Queue) == 50);
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

    Task<GateHost> StartAsync(
        Func<ConsumeContext<Job>, Gates, Task> work, string[]? entrance = null, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>(_broker.Settings)
        {
            ["Database:ConnectionString"] = _database.ConnectionString,
            ["Gates:HoldTime"] = HoldTime.ToString(),
            ["Gates:LongestStop"] = "00:00:02",
            ["Gates:ShareInterval"] = "00:00:00.05",
        };
        foreach (var (key, value) in settings)
            all[key] = value;
        return GateHost.StartAsync(all, work, entrance ?? []);
    }
}
