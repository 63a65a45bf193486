using System.CommandLine;
using ImagePipeline.Cli.Errors;
using ImagePipeline.FeedIngest;
using ImagePipeline.ListingNotifier;
using ImagePipeline.PhotoWorker;
using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.ServiceDefaults.RabbitMq;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Photos;
using Microsoft.Extensions.Options;

namespace ImagePipeline.Cli;

/// <summary><c>imagepipe doctor</c>: whether everything the pipeline needs is there and works, one line each.</summary>
static class DoctorCommand
{
    static readonly StateArguments State = new();

    public static Command Create()
    {
        var command = new Command("doctor", "Check configuration, broker, database, store and codec.");
        State.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var configuration = State.Configuration(parsed);
        var database = new DatabaseOptions();
        var store = new PhotoStoreOptions();
        var wrong = new List<string>();
        var knowsDatabase = Read("Database", database);
        var knowsStore = Read("Store", store);
        var broker = new RabbitMqOptions();
        var knowsBroker = Read(RabbitMqOptions.Section, broker);
        // What run does not need must be asked for.
        var isOnRabbitMq = configuration["Bus:Transport"] is not null && ReadTransport() == BusTransport.RabbitMq;
        Read("Lanes", new LaneOptions());
        Read("Gates", new GateOptions());
        Read("Rungs", new RungOptions());
        Read("Run", new RunOptions());
        Read("Backfill", new BackfillOptions());
        Read("Replay", new ReplayOptions());
        Read("FeedIngest", new FeedIngestOptions());
        Read("PhotoWorker", new PhotoWorkerOptions());
        Read("ListingNotifier", new ListingNotifierOptions());
        Read("Errors", new ErrorsOptions());
        var feeds = ReadFeeds();

        bool[] passed =
        [
            await CheckAsync("configuration", () => wrong.Count > 0
                ? throw new OptionsValidationException("", typeof(object), wrong.Distinct())
                : Task.FromResult($"every setting is known and in range, {feeds} feeds configured")),
            await CheckAsync("broker", () => (isOnRabbitMq, knowsBroker) switch
            {
                (false, _) => Task.FromResult("in memory, nothing to reach"),
                (true, false) => throw new CannotStartException("not looked for, its settings are wrong"),
                (true, true) => BrokerConnection.CheckAsync(broker, cancellation),
            }),
            await CheckAsync("database", async () =>
            {
                if (!knowsDatabase)
                    throw new CannotStartException("not looked for, its settings are wrong");
                await using var opened = PipelineDatabase.Open(database.ConnectionString);
                if (isOnRabbitMq && opened.IsSqlite)
                    throw new CannotStartException(
                        $"{opened.Name} is a SQLite file, for the processes of one machine; services on a broker need PostgreSQL (environment variable Database__ConnectionString)");
                var schema = await DatabaseSchema.CheckAsync(opened, cancellation) switch
                {
                    null => "not made yet, the first run makes it",
                    0 => "schema up to date",
                    var n => $"{n} scripts to run, the next start runs them",
                };
                return $"{opened.Name}, {(opened.IsSqlite ? "SQLite, for the processes of one machine" : "PostgreSQL")}, {schema}";
            }),
            await CheckAsync("store", async () =>
            {
                if (!knowsStore)
                    throw new CannotStartException("not looked for, its settings are wrong");
                var opened = PhotoStoreFactory.Open(store);
                using var closing = opened as IDisposable;
                await opened.CheckAsync(cancellation);
                return $"{store.Url}{(opened is S3PhotoStore s3 ? $" at {s3.Server}" : "")}, written, read and deleted";
            }),
            await CheckAsync("codec", () =>
            {
                ImageEngine.SelfTest();
                return Task.FromResult("a picture was encoded and decoded");
            }),
        ];
        return passed.All(p => p) ? CommandLine.Done : CommandLine.SomethingFailed;

        bool Read<T>(string section, T options)
            where T : class => Try(() => Settings.Bind(configuration.GetSection(section), options));

        BusTransport ReadTransport()
        {
            var bus = new BusOptions();
            return Read("Bus", bus) ? bus.Transport : BusTransport.InMemory;
        }

        int ReadFeeds()
        {
            var settings = new FeedSettings(configuration);
            Try(() => settings.Ids.ToList().ForEach(id => Try(() => settings.Configure(id, new FeedOptions()))));
            return configuration.GetSection("Feeds").GetChildren().Count();
        }

        bool Try(Action read)
        {
            try
            {
                read();
                return true;
            }
            catch (OptionsValidationException e)
            {
                wrong.AddRange(e.Failures);
                return false;
            }
        }
    }

    static async Task<bool> CheckAsync(string what, Func<Task<string>> check)
    {
        try
        {
            Console.Out.WriteLine($"ok      {what,-14}{await check()}");
            return true;
        }
        catch (OptionsValidationException e)
        {
            foreach (var failure in e.Failures)
                Console.Out.WriteLine($"FAILED  {what,-14}{failure}");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Console.Out.WriteLine($"FAILED  {what,-14}{e.Message}");
        }
        return false;
    }
}
