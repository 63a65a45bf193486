using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ImagePipeline.Contracts;
using ImagePipeline.SampleMls;
using ImagePipeline.TestSupport;
using ImagePipeline.TestSupport.Services;
using MassTransit.Serialization;

namespace ImagePipeline.Pipeline.Tests.Services;

/// <summary>The samples of docs/website.md, as the processes that they are, against the services as processes.</summary>
public sealed class WebsiteSamplesTests(WebsiteSamplesTests.Running running) : IClassFixture<WebsiteSamplesTests.Running>
{
    internal const string PhotosUrl = "https://photos.example.com";

    const string Partner = "partner";
    const int PhotosPerListing = 2;

    readonly SampleMlsServer _mls = running.Mls;
    readonly TestBroker _broker = running.Broker;

    [Fact]
    public async Task Both_websites_hear_every_listing_and_know_where_its_photos_are()
    {
        foreach (var key in _mls.ListingKeys.Skip(1))
        {
            var inNode = await running.NodeShowsAsync("sample", key, shown => shown.Complete);
            var inCs = await running.CsShowsAsync("sample", key, shown => shown.Complete);

            Assert.Equal(PhotosPerListing, inNode.Urls.Count);
            Assert.Equal(inNode.Urls, inCs.Urls);
            Assert.Equal(inNode.Announcement, inCs.Announcement);
            Assert.All(inNode.Urls, url => Assert.True(File.Exists(running.FileOf(url)), url));
        }
    }

    [Theory]
    [InlineData("node")]
    [InlineData("cs")]
    public async Task A_listing_asked_for_is_read_and_heard_at_once(string from)
    {
        var key = _mls.ListingKeys[0];
        var before = await running.NodeShowsAsync("sample", key, shown => shown.Complete);
        _mls.ChangeCaption(key, 0, $"Asked for from {from}");

        await running.AskAsync(from, "sample", key);

        var inNode = await running.NodeShowsAsync("sample", key, shown => shown.Caption == $"Asked for from {from}");
        var inCs = await running.CsShowsAsync("sample", key, shown => shown.Caption == $"Asked for from {from}");
        Assert.True(inNode.Announcement > before.Announcement);
        Assert.Equal(inNode.Announcement, inCs.Announcement);
        Assert.Equal(PhotosPerListing, _mls.GetsByPhoto.Where(photo => photo.Key.StartsWith($"{key}/", StringComparison.Ordinal)).Sum(photo => photo.Value));
    }

    [Fact]
    public async Task A_listing_asked_for_in_which_nothing_has_changed_is_heard_again_with_the_number_it_has()
    {
        var shown = await running.NodeShowsAsync("sample", _mls.ListingKeys[1], shown => shown.Complete);

        await running.AskAsync("node", "sample", _mls.ListingKeys[1]);

        await running.NodeSaysAsync($"sample {_mls.ListingKeys[1]} #{shown.Announcement}: not higher than what is shown");
    }

    [Theory]
    [InlineData("node", "L1")]
    [InlineData("cs", "L1")]
    [InlineData("node", "urn:listing:1%2")]
    public async Task A_listing_submitted_is_heard_with_its_photos(string from, string name)
    {
        var key = $"{name}-{from}";

        await running.SubmitAsync(from, Partner, key, $"{_mls.Address}photos/{_mls.ListingKeys[1]}/0.jpg", $"{_mls.Address}photos/{_mls.ListingKeys[1]}/1.jpg");

        var inNode = await running.NodeShowsAsync(Partner, key, shown => shown.Complete);
        var inCs = await running.CsShowsAsync(Partner, key, shown => shown.Complete);
        Assert.Equal(("Photo 1", 2), (inNode.Caption, inNode.Urls.Count));
        Assert.Equal(inNode.Urls, inCs.Urls);
        Assert.All(inNode.Urls, url => Assert.True(File.Exists(running.FileOf(url)), url));
    }

    [Fact]
    public void What_is_sent_while_there_is_no_queue_for_it_fails_and_does_not_vanish()
    {
        Assert.Equal(1, running.SentTooEarly.Node.ExitCode);
        Assert.Contains("no queue 'listing-photos-requested'", running.SentTooEarly.Node.Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.InternalServerError, running.SentTooEarly.Cs);
    }

    [Fact]
    public async Task Only_a_higher_announcement_is_applied()
    {
        foreach (var (announcement, caption) in new[] { (5, "five"), (4, "four"), (5, "five again"), (7, "seven"), (6, "six") })
            await running.SendAsync(Ready("Made-up", announcement, caption));
        await running.SendAsync(Ready("After", 1, "after"));

        await running.NodeShowsAsync(Partner, "After", _ => true);
        await running.CsShowsAsync(Partner, "After", _ => true);
        var inNode = running.NodeHeard(Partner, "Made-up");
        Assert.Equal([(5, "five"), (7, "seven")], inNode.Select(shown => (shown.Announcement, shown.Caption!)));
        Assert.Equal("seven", (await running.CsShowsAsync(Partner, "Made-up", _ => true)).Caption);
    }

    [Fact]
    public async Task A_listing_whose_photos_were_removed_is_shown_without_until_a_higher_announcement()
    {
        await running.SendAsync(Ready("Removed", 5, "five"));
        await running.CsShowsAsync(Partner, "Removed", shown => shown.Caption == "five");

        await running.SendAsync(new PhotosRemoved
        {
            Feed = Partner,
            ListingKey = "Removed",
            ListingUid = Identity.ListingUid(Partner, "Removed"),
            Scope = RemovalScope.Listing,
            Why = "Sold.",
            Keys = [],
        });
        await running.SendAsync(Ready("Removed", 5, "five"));
        await running.SendAsync(Ready("AfterRemoved", 1, "after"));
        await running.CsShowsAsync(Partner, "AfterRemoved", _ => true);
        Assert.Empty((await running.CsShowsAsync(Partner, "Removed", _ => true)).Urls);
        await running.NodeSaysAsync($"{Partner} Removed: 0 objects removed");
        await running.NodeSaysAsync($"{Partner} Removed #5: not higher than what is shown");

        await running.SendAsync(Ready("Removed", 6, "six"));
        await running.CsShowsAsync(Partner, "Removed", shown => shown.Caption == "six");
        await running.NodeShowsAsync(Partner, "Removed", shown => shown.Caption == "six");
    }

    [Fact]
    public async Task Their_queues_last_and_are_replicated_and_one_process_reads_them_at_a_time()
    {
        var queues = (await _broker.QueuesAsync()).Where(q => q.Name.StartsWith("website", StringComparison.Ordinal)).ToList();

        Assert.Equal(["website", "website-node"], queues.Select(q => q.Name).Order());
        Assert.All(queues, q => Assert.Equal(("quorum", "1000000", "True"), (q.Arguments["x-queue-type"], q.Arguments["x-delivery-limit"], q.Arguments["x-single-active-consumer"])));
    }

    static PhotosReady Ready(string key, long announcement, string caption) => new()
    {
        Feed = Partner,
        ListingKey = key,
        ListingUid = Identity.ListingUid(Partner, key),
        ListingId = null,
        Generation = announcement,
        Announcement = announcement,
        Complete = true,
        Final = true,
        Primary = null,
        Photos = [new()
        {
            PhotoId = Guid.Empty,
            MediaKey = "1",
            Version = "1",
            Outdated = false,
            Caption = caption,
            Kind = "Photo",
            Alteration = [],
            Permissions = [],
            Copyright = null,
            Sha256 = "",
            Original = new() { Key = "originals/1", Width = 1, Height = 1, Bytes = 1, ContentType = "image/jpeg" },
            Renditions = [new() { Name = "w640", Key = "renditions/1", Width = 1, Height = 1, Bytes = 1, ContentType = "image/jpeg" }],
        }],
        Missing = [],
        ManifestKey = "manifests/1",
        ChangedAt = DateTimeOffset.UnixEpoch,
        ReadyAt = DateTimeOffset.UnixEpoch,
    };

    /// <summary>What a website shows of a listing: the caption of the first photo, and the address of one rendition of each.</summary>
    internal sealed record Shown(long Announcement, bool Complete, string? Caption, IReadOnlyList<string> Urls)
    {
        public static Shown Parse(long announcement, bool complete, JsonElement photos) => new(
            announcement, complete, photos.EnumerateArray().Select(photo => photo.GetProperty("caption").GetString()).FirstOrDefault(),
            [.. photos.EnumerateArray().Select(photo => photo.GetProperty("urls").GetProperty("w640").GetString()!)]);
    }

    /// <summary>An MLS, the three services, and the two websites.</summary>
    public sealed class Running(RabbitMqServer rabbitMq, PostgresServer postgres) : IAsyncLifetime
    {
        static readonly HttpClient Http = new();

        readonly TempFolder _folder = new();
        readonly WebsiteNode _node = new();
        readonly List<ServiceProcess> _processes = [];
        ServiceProcess _hearing = null!;
        Uri _websiteCs = null!;

        public SampleMlsServer Mls { get; private set; } = null!;

        public TestBroker Broker { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var installing = _node.InitializeAsync().AsTask();
            Mls = await SampleMlsServer.StartAsync(new SampleMlsOptions { Listings = 3, PhotosPerListing = PhotosPerListing, Width = 64, Height = 48, ScenesPerKind = 1 });
            Broker = await rabbitMq.CreateVirtualHostAsync();
            var deployment = new Deployment(_folder, Broker, await postgres.CreateDatabaseAsync());
            await deployment.UseFeedAsync(new Uri(Mls.Address, "/Property"));
            deployment.Environment["Lanes__SearchInterval"] = "00:00:00.5";
            ServiceProcess Start(string service, params (string, string)[] settings)
            {
                _processes.Add(deployment.Start(service, settings));
                return _processes[^1];
            }
            // The websites first: the queue of one that has never been there misses what is announced before.
            var website = Start("WebsiteCs", ("PhotosUrl", PhotosUrl));
            await installing;
            _processes.Add(_hearing = _node.Start("hear.mjs", Broker));
            await website.UntilSaidAsync("Now listening on: ");
            _websiteCs = new Uri(website.Lines.First(line => line.Contains("Now listening on: ", StringComparison.Ordinal)).Split("on: ")[1]);
            await Eventually.IsAsync((true, true), async () => (await Broker.CountAsync("website") is not null, await Broker.CountAsync("website-node") is not null));
            SentTooEarly = (await AskFromNodeAsync("sample", "S1000"), (await AskFromCsAsync("sample", "S1000")).Status);
            var ingest = Start("FeedIngest");
            Start("PhotoWorker");
            Start("ListingNotifier");
            await ingest.UntilReadyAsync();
        }

        /// <summary>How it ended for both to ask while no service had ever been started.</summary>
        internal (Ended Node, HttpStatusCode Cs) SentTooEarly { get; private set; } = default!;

        internal async Task AskAsync(string from, string feed, string key)
        {
            if (from == "node")
                AssertEndedWell(await AskFromNodeAsync(feed, key));
            else
                AssertOk(await AskFromCsAsync(feed, key));
        }

        internal async Task SubmitAsync(string from, string feed, string key, params string[] photos)
        {
            const string changedAt = "2026-11-23T09:30:00Z";
            if (from == "node")
                AssertEndedWell(await _node.RunAsync("submit.mjs", Broker, [feed, key, changedAt, .. photos]));
            else
                AssertOk(await AnswerAsync(Http.PutAsJsonAsync(new Uri(_websiteCs, $"listings/{feed}/{Uri.EscapeDataString(key)}?changedAt={changedAt}"), photos)));
        }

        Task<Ended> AskFromNodeAsync(string feed, string key) => _node.RunAsync("ask.mjs", Broker, feed, key);

        Task<(HttpStatusCode Status, string Body)> AskFromCsAsync(string feed, string key) =>
            AnswerAsync(Http.PostAsync(new Uri(_websiteCs, $"listings/{feed}/{Uri.EscapeDataString(key)}/ask"), null));

        /// <summary>Publishes a message as ListingNotifier does.</summary>
        internal Task SendAsync<T>(T message) => Broker.PublishAsync(
            $"ImagePipeline.Contracts:{typeof(T).Name}", "",
            PlainJsonTests.Envelope(typeof(T).Name, JsonSerializer.Serialize(message, SystemTextJsonMessageSerializer.Options)),
            contentType: "application/vnd.masstransit+json");

        /// <summary>All that the website in Node has shown of a listing, in order.</summary>
        internal IReadOnlyList<Shown> NodeHeard(string feed, string key)
        {
            var start = $"{feed} {key} #";
            return [.. _hearing.Lines.Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(Parse).OfType<Shown>()];

            // partner L1 #7: all photos [{…}]
            Shown? Parse(string line) => line[start.Length..].Split(' ', 4) is [var number, var all, .., ['[', ..] json]
                ? Shown.Parse(long.Parse(number.TrimEnd(':'), System.Globalization.CultureInfo.InvariantCulture), all == "all", JsonDocument.Parse(json).RootElement)
                : null;
        }

        internal Task<Shown> NodeShowsAsync(string feed, string key, Func<Shown, bool> isWanted) => UntilAsync(
            () => Task.FromResult(NodeHeard(feed, key) is [.., var last] ? last : null), isWanted);

        internal Task NodeSaysAsync(string line) => _hearing.UntilSaidAsync(line);

        internal Task<Shown> CsShowsAsync(string feed, string key, Func<Shown, bool> isWanted) => UntilAsync(
            async () =>
            {
                using var answer = await Http.GetAsync(new Uri(_websiteCs, $"listings/{feed}/{Uri.EscapeDataString(key)}"));
                if (answer.StatusCode == HttpStatusCode.NotFound)
                    return null;
                var shown = await answer.Content.ReadFromJsonAsync<JsonElement>();
                return Shown.Parse(shown.GetProperty("announcement").GetInt64(), shown.GetProperty("complete").GetBoolean(), shown.GetProperty("photos"));
            },
            isWanted);

        /// <summary>The file that a web server in front of the store would serve under an address.</summary>
        internal string FileOf(string url) => Path.Combine(_folder["store"], Uri.UnescapeDataString(new Uri(url).AbsolutePath.TrimStart('/')));

        async Task<Shown> UntilAsync(Func<Task<Shown?>> look, Func<Shown, bool> isWanted)
        {
            Shown? shown = null;
            try
            {
                await Eventually.IsSoAsync(async () => (shown = await look()) is not null && isWanted(shown));
            }
            catch (TimeoutException)
            {
                Assert.Fail($"It shows {shown?.ToString() ?? "nothing"}. The processes said:\n{string.Join('\n', _processes.SelectMany(process => process.Lines))}");
            }
            return shown!;
        }

        static async Task<(HttpStatusCode Status, string Body)> AnswerAsync(Task<HttpResponseMessage> asking)
        {
            using var answer = await asking;
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }

        static void AssertOk((HttpStatusCode Status, string Body) answer) => Assert.True(answer.Status == HttpStatusCode.OK, answer.Body);

        static void AssertEndedWell(Ended ended) => Assert.True(ended.ExitCode == 0, ended.Said);

        public async ValueTask DisposeAsync()
        {
            foreach (var process in _processes)
                await process.DisposeAsync();
            await Mls.DisposeAsync();
            await Broker.DisposeAsync();
            await _node.DisposeAsync();
            _folder.Dispose();
        }
    }
}
