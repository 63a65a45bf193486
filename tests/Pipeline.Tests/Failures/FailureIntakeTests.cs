using System.Diagnostics;
using System.Globalization;
using ImagePipeline.Contracts;
using ImagePipeline.Pipeline.Tests.Bus;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.Storage.Failures;
using ImagePipeline.TestSupport;
using MassTransit;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ImagePipeline.Pipeline.Tests.Failures;

public sealed class FailureIntakeOnSqliteTests(RabbitMqServer rabbitMq, PostgresServer postgres, ITestOutputHelper output) : FailureIntakeTests(DatabaseKind.Sqlite, rabbitMq, postgres, output);

public sealed class FailureIntakeOnPostgreSqlTests(RabbitMqServer rabbitMq, PostgresServer postgres, ITestOutputHelper output) : FailureIntakeTests(DatabaseKind.PostgreSql, rabbitMq, postgres, output);

/// <summary>What failed for good goes from its queues into the table, and is always in one of them.</summary>
public abstract class FailureIntakeTests(DatabaseKind kind, RabbitMqServer rabbitMq, PostgresServer postgres, ITestOutputHelper output) : IAsyncLifetime
{
    const string Errors = "photo-requested-a_error";

    Intake _intake = null!;

    public async ValueTask InitializeAsync() => _intake = await Intake.CreateAsync(kind, rabbitMq, postgres);

    public async ValueTask DisposeAsync()
    {
        await _intake.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_a_consumer_of_the_product_throws_at_and_what_it_does_not_take_is_taken_in_as_it_was()
    {
        await using var host = await StartBusAsync(_ => throw new InvalidOperationException("https://a.example/1.jpg answered 503."));
        var request = Bus.Some.Request("a");
        await host.Lanes.SendAsync([request], CancellationToken.None);
        await _intake.Broker.PublishAsync("", "photo-requested-a", """{ "messageId": "7d9d2b4e-0000-0000-0000-000000000001", "messageType": ["urn:message:Elsewhere:Other"], "message": { "feed": "a" } }""", contentType: "application/vnd.masstransit+json");
        await Eventually.IsAsync((1, 1), async () => (await _intake.Broker.CountAsync(Errors), await _intake.Broker.CountAsync("photo-requested-a_skipped")));

        Assert.Equal(2, await _intake.TakeInAsync());

        var all = await _intake.AllAsync();
        var error = Assert.Single(all, m => m.Kind == FailureKind.Error);
        Assert.Equal(("photo-requested-a", Errors, "PhotoRequested", "System.InvalidOperationException"), (error.Queue, error.FoundIn, error.MessageType, error.ExceptionType));
        Assert.Equal(("{url} answered 503.", "a", "S1", $"{request.PhotoId}", false), (error.Pattern, error.Feed, error.ListingKey, error.PhotoId, error.InProcess));
        Assert.StartsWith("FailureIntakeTests.", error.Frame, StringComparison.Ordinal);
        Assert.NotNull(error.MessageId);
        Assert.InRange(error.FailedAt, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(1));
        var skipped = Assert.Single(all, m => m.Kind == FailureKind.Skipped);
        Assert.Equal(("photo-requested-a", "Other", null), (skipped.Queue, skipped.MessageType, skipped.ExceptionType));
        Assert.Equal((0, 0), (await _intake.Broker.CountAsync(Errors), await _intake.Broker.CountAsync("photo-requested-a_skipped")));
    }

    [Fact]
    public async Task What_no_lane_takes_is_taken_in_for_its_lane()
    {
        await using var host = await StartBusAsync(null);
        // Declared last.
        await Eventually.IsAsync(0, () => _intake.Broker.CountAsync("photo-requested-urgent"));
        await Eventually.IsAsync(0, () => _intake.Broker.CountAsync("photo-requested-urgent_skipped"));
        await _intake.Broker.PublishAsync("ImagePipeline.Contracts:PhotoRequested", "gone", Intake.Envelope("1"));
        await _intake.Broker.PublishAsync("rung-return", "photo-requested-lost", Intake.Envelope("2"));
        await Eventually.IsAsync(2, () => _intake.Broker.CountAsync("photo-requested-unrouted"));

        Assert.Equal(2, await _intake.TakeInAsync());

        Assert.Equal([(FailureKind.Unrouted, "photo-requested-gone"), (FailureKind.Unrouted, "photo-requested-lost")], (await _intake.AllAsync()).Select(m => (m.Kind, m.Queue)).Order());
    }

    [Theory]
    [InlineData("photo-requested-unrouted")]
    [InlineData("parking")]
    public async Task What_was_put_straight_into_a_queue_for_what_failed_is_taken_in_for_the_lane_it_names(string queue)
    {
        await _intake.DeclareAsync(queue);
        await _intake.PutAsync(queue, 1, _ => ("1", Intake.Envelope("1"), []));
        await _intake.PutAsync(queue, 1, _ => ("2", "no message", []));

        Assert.Equal(2, await _intake.TakeInAsync());

        Assert.Equal([("1", "photo-requested-a"), ("2", queue)], (await _intake.AllAsync()).Select(m => (m.MessageId!, m.Queue)).Order());
    }

    [Fact]
    public async Task An_address_of_no_queue_that_can_be_is_not_where_a_message_failed()
    {
        await _intake.Lanes.AddAsync("a", default);
        await _intake.DeclareAsync(Errors);
        await _intake.PutAsync(Errors, 1, _ => ("1", Intake.Envelope("1"), Intake.Fault(new string('q', 256))));

        Assert.Equal(1, await _intake.TakeInAsync());

        Assert.Equal("photo-requested-a", (await _intake.OneAsync()).Queue);
    }

    [Fact]
    public async Task What_was_given_back_too_often_is_taken_in_from_parking_for_the_queue_it_was_given_back_to()
    {
        await using var host = await StartBusAsync(null);
        await host.Lanes.SendAsync([Bus.Some.Request("a")], CancellationToken.None);
        await ParkAsync(_intake.Broker, "photo-requested-a");

        Assert.Equal(1, await _intake.TakeInAsync());

        var parked = await _intake.OneAsync();
        Assert.Equal((FailureKind.Parked, "photo-requested-a", "parking", "PhotoRequested"), (parked.Kind, parked.Queue, parked.FoundIn, parked.MessageType));
        Assert.InRange(parked.FailedAt, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(1));
        // The saga is told.
        await Eventually.IsAsync(1, () => _intake.Broker.CountAsync("listing-notifier"));
    }

    [Fact]
    public async Task Queues_of_others_are_left_alone_unless_they_are_named()
    {
        await _intake.DeclareAsync("theirs_error");
        await _intake.PutAsync("theirs_error", 2, i => ($"{i}", "x", Intake.Fault("theirs")));

        Assert.Equal(0, await _intake.TakeInAsync());
        await Eventually.IsAsync(2, () => _intake.Broker.CountAsync("theirs_error"));
        Assert.Equal(2, await _intake.TakeInAsync("theirs_error"));

        Assert.Equal(["theirs", "theirs"], (await _intake.AllAsync()).Select(m => m.Queue));
        var missing = await Assert.ThrowsAsync<CannotStartException>(() => _intake.TakeInAsync("nowhere"));
        Assert.Equal($"There is no queue nowhere in virtual host {_intake.Broker.VHost}.", missing.Message);
        Assert.Equal(0, await _intake.TakeInAsync("theirs_error"));
    }

    [Fact]
    public async Task Messages_that_cannot_be_read_and_without_any_property_are_kept_to_the_byte()
    {
        byte[][] bodies = [[], [0xff, 0xfe, 0x00], [0xef, 0xbb, 0xbf, 0x7b], "{\"message\":"u8.ToArray()];
        await _intake.Lanes.AddAsync("a", default);
        await _intake.DeclareAsync(Errors);
        await using var connection = await _intake.Broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var body in bodies)
            await channel.BasicPublishAsync("", Errors, mandatory: true, new BasicProperties(), body);
        await Eventually.IsAsync(bodies.Length, () => _intake.Broker.CountAsync(Errors));

        Assert.Equal(bodies.Length, await _intake.TakeInAsync());

        var kept = new List<string>();
        foreach (var message in await _intake.AllAsync())
        {
            Assert.Equal(("photo-requested-a", "Nothing on the message says why it failed."), (message.Queue, message.Reason));
            kept.Add(Convert.ToHexString((await _intake.Table.ReadAsync(message.Id, default))!.Body));
        }
        Assert.Equal(bodies.Select(Convert.ToHexString).Order(), kept.Order());
    }

    [Fact]
    public async Task Killed_after_it_has_kept_a_message_and_before_the_broker_knows_the_message_is_in_both_and_then_kept_once()
    {
        await _intake.Lanes.AddAsync("a", default);
        await _intake.DeclareAsync(Errors);
        await _intake.PutAsync(Errors, 1, _ => ("1", Intake.Envelope("1"), Intake.Fault("photo-requested-a")));
        await using (var killed = await _intake.Broker.ConnectAsync())
        {
            var channel = await killed.CreateChannelAsync();
            var got = (await channel.BasicGetAsync(Errors, autoAck: false))!;
            var delivered = new BasicDeliverEventArgs("", got.DeliveryTag, got.Redelivered, got.Exchange, got.RoutingKey, got.BasicProperties, got.Body);
            await _intake.Table.AddAsync([FailedDelivery.Read(Errors, delivered)], default);
            await killed.AbortAsync();
        }
        await Eventually.IsAsync(1, () => _intake.Broker.CountAsync(Errors));

        Assert.Equal(1, await _intake.TakeInAsync());

        Assert.Equal(1, (await _intake.OneAsync()).Failures);
        Assert.Equal(0, await _intake.Broker.CountAsync(Errors));
    }

    [Fact]
    public async Task Broken_off_at_any_moment_every_message_is_in_its_queue_or_in_the_table_and_in_the_end_once_in_the_table()
    {
        const int messages = 400;
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await _intake.Lanes.AddAsync("a", default);
        await _intake.DeclareAsync(Errors);
        await _intake.PutAsync(Errors, messages, i => ($"{i}", Intake.Envelope($"{i}"), Intake.Fault("photo-requested-a")));
        await using var connection = await _intake.Broker.ConnectAsync();

        for (var attempt = 0; attempt < 12; attempt++)
        {
            await using var intake = _intake.New();
            using var broken = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(5, 120)));
            await Record.ExceptionAsync(() => intake.TakeInAsync([], broken.Token));
            await using var channel = await connection.CreateChannelAsync();
            // What an acknowledgement had not arrived for comes back.
            Assert.True((await channel.QueueDeclarePassiveAsync(Errors)).MessageCount + (await _intake.AllAsync()).Count <= 2 * messages);
        }
        await Eventually.IsAsync((0, messages), async () =>
        {
            await _intake.TakeInAsync();
            return (await _intake.Broker.CountAsync(Errors), (await _intake.AllAsync()).Count);
        });

        Assert.Equal(Enumerable.Range(0, messages), (await _intake.AllAsync()).Select(m => int.Parse(m.MessageId!, CultureInfo.InvariantCulture)).Order());
    }

    [Fact]
    public async Task Two_at_once_take_each_message_in_once()
    {
        const int messages = 600;
        await _intake.Lanes.AddAsync("a", default);
        await _intake.DeclareAsync(Errors);
        await _intake.PutAsync(Errors, messages, i => ($"{i}", Intake.Envelope($"{i}"), Intake.Fault("photo-requested-a")));
        await using var another = _intake.New();

        var taken = await Task.WhenAll(_intake.TakeInAsync(), another.TakeInAsync([], TestContext.Current.CancellationToken));

        Assert.Equal(messages, taken.Sum());
        Assert.Equal(messages, (await _intake.AllAsync()).Select(m => m.MessageId).Distinct().Count());
    }

    [Fact]
    public async Task A_queue_that_is_deleted_while_it_is_read_ends_its_reading_and_not_that_of_others()
    {
        await _intake.DeclareAsync("doomed_error");
        await _intake.DeclareAsync("photo-requested-unrouted");
        await _intake.PutAsync("doomed_error", 3_000, i => ($"{i}", Intake.Envelope($"{i}"), Intake.Fault("doomed")));
        await using var connection = await _intake.Broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();

        var taking = _intake.TakeInAsync("doomed_error");
        await Eventually.IsSoAsync(async () => (await _intake.Table.UnresolvedAsync(1, default)).Messages > 0);
        await channel.QueueDeleteAsync("doomed_error", ifUnused: false, ifEmpty: false);
        var taken = await taking;

        Assert.InRange(taken, 1, 3_000);
        Assert.Equal(taken, (await _intake.AllAsync()).Count);
        await _intake.PutAsync("photo-requested-unrouted", 1, _ => ("x", Intake.Envelope("x"), []));
        Assert.Equal(1, await _intake.TakeInAsync());
    }

    [Fact]
    public async Task Five_thousand_messages_of_twelve_kinds_are_twelve_groups()
    {
        const int messages = 5_000, kinds = 12;
        await _intake.Lanes.AddAsync("a", default);
        await _intake.DeclareAsync(Errors);
        await _intake.PutAsync(Errors, messages, i => ($"{i}", Intake.Envelope($"{i}", $"S{i}"), Intake.Fault(
            "photo-requested-a", $"Rule {(char)('A' + (i % kinds))} is broken for listing S{i}: https://photos.example.com/{i}.jpg?sig={i:x} answered 503.")));
        await Eventually.IsAsync(messages, () => _intake.Broker.CountAsync(Errors));

        var (elapsed, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        Assert.Equal(messages, await _intake.TakeInAsync());
        var groups = await _intake.Table.GroupsAsync(new(), default);
        output.WriteLine($"{messages} messages taken in and grouped in {elapsed.Elapsed.TotalSeconds:0.00} s, with {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:0.00} s of processor time");

        Assert.Equal(kinds, groups.Count);
        Assert.Equal(Enumerable.Range(0, kinds).Select(k => Enumerable.Range(0, messages).LongCount(i => i % kinds == k)).OrderDescending(), groups.Select(g => g.Messages));
    }

    [Fact]
    public async Task A_broker_that_cannot_be_reached_is_one_sentence_without_the_password_and_nothing_is_held_on_to()
    {
        await using var nowhere = new FailureIntake(new() { Host = "127.0.0.1", Port = 1, VHost = "v", User = "u", Pass = "secret" }, _intake.Table, _intake.Lanes, TimeProvider.System);

        var refused = await Assert.ThrowsAsync<CannotStartException>(() => nowhere.TakeInAsync([], TestContext.Current.CancellationToken));

        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    internal static async Task ParkAsync(TestBroker broker, string queue)
    {
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        await Eventually.IsAsync(1, () => broker.CountAsync(queue));
        for (var given = 0; given <= BrokerTopology.DeliveryLimit; given++)
        {
            if (await channel.BasicGetAsync(queue, autoAck: false) is { } got)
                await channel.BasicNackAsync(got.DeliveryTag, multiple: false, requeue: true);
        }
        await Eventually.IsAsync(1, () => broker.CountAsync("parking"));
    }

    Task<BusHost> StartBusAsync(Func<ConsumeContext<PhotoRequested>, Task>? work) => BusHost.StartAsync(
        _intake.Broker, _intake.Database, work, ("Rungs:Delays:0", "00:00:00.05"), ("Rungs:Delays:1", "00:00:00.05"), ("Rungs:Delays:2", "00:00:00.05"));
}
