using System.ComponentModel.DataAnnotations;
using System.Net;
using ImagePipeline.SampleMls.Listings;
using ImagePipeline.SampleMls.Photos;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ImagePipeline.SampleMls;

/// <summary>
/// A small MLS on 127.0.0.1: a RESO Web API with listings, and a server with their photos that can be slow, refuse, break off and lie, as
/// the options say. Counts every GET of a photo. Listings are named <c>S1000</c>, <c>S1001</c>…, photos <c>S1000/0</c>, <c>S1000/1</c>….
/// </summary>
public sealed class SampleMlsServer : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly Catalog _catalog;
    readonly FeedWriter _feed;
    readonly Faults _faults;
    readonly Traffic _traffic = new();
    readonly PropertyEndpoint _property;

    SampleMlsServer(SampleMlsOptions options, Catalog catalog, TimeProvider time)
    {
        (_catalog, _faults, _feed) = (catalog, new Faults(options), new FeedWriter(catalog, options));
        _app = Build(options.Port);
        _app.MapGet("/photos/{listing}/{number:int}.jpg", new PhotoEndpoint(catalog, _faults, _traffic, options, time).ServeAsync);
        _property = new PropertyEndpoint(catalog, _feed, options);
        _app.MapGet("/Property", _property.ServeAsync);
        _app.MapGet("/property.json", _property.ServeAllAsync);
        _app.MapGet("/counts", context => context.Response.WriteAsJsonAsync(Counts(), context.RequestAborted));
        _app.MapPost("/counts/reset", (RequestDelegate)(context =>
        {
            ResetCounts();
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }));
    }

    /// <summary>The server's root, with the port it got.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>How often somebody began to read all listings, page by page.</summary>
    public int FeedReads => _property.Reads;

    /// <summary>The keys of all listings, also of withdrawn ones, in order.</summary>
    public IReadOnlyList<string> ListingKeys => [.. _catalog.All.Select(listing => listing.Key)];

    /// <summary>The photos that are listed now, by name, in order; none of withdrawn listings.</summary>
    public IReadOnlyList<string> Photos =>
        [.. _catalog.All.Where(listing => listing.CanView).SelectMany(listing => listing.Photos).Select(photo => photo.Name)];

    /// <summary>How many GETs of photos came, since the last reset.</summary>
    public int TotalGets => _traffic.Total;

    /// <summary>How often each photo was asked for since the last reset, by its name (<c>S1000/0</c>); photos never asked for are absent.</summary>
    public IReadOnlyDictionary<string, int> GetsByPhoto => _traffic.ByPhoto;

    /// <summary>How often each answer was given since the last reset.</summary>
    public IReadOnlyDictionary<PhotoAnswer, int> Answers => _traffic.ByAnswer;

    /// <summary>The listed photos that can never be fetched, and what they are answered with.</summary>
    public IReadOnlyDictionary<string, PhotoAnswer> PermanentFaults =>
        Photos.Where(photo => _faults.Permanent(photo) is not null).ToDictionary(photo => photo, photo => _faults.Permanent(photo)!.Value);

    string Root => Address.GetLeftPart(UriPartial.Authority);

    /// <summary>Draws the photos, then starts to serve.</summary>
    /// <exception cref="ValidationException">An option is out of its range; the message names it.</exception>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<SampleMlsServer> StartAsync(
        SampleMlsOptions options, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        var catalog = await Task.Run(() => new Catalog(options), cancellation);
        var server = new SampleMlsServer(options, catalog, time ?? TimeProvider.System);
        await server._app.StartAsync(cancellation);
        var addresses = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        server.Address = new Uri(addresses.Addresses.Single());
        return server;
    }

    /// <summary>Counts from 0 again. Faults that passed do not come back.</summary>
    public void ResetCounts() => _traffic.Reset();

    /// <summary>Writes all listings as one RESO page.</summary>
    public Task WritePageAsync(string path, CancellationToken cancellation = default) => WriteAsync(path, _feed.Page(Root), cancellation);

    /// <summary>Writes all listings as NDJSON, a ListingPhotosSubmitted per line.</summary>
    public Task WriteNdjsonAsync(string path, CancellationToken cancellation = default) => WriteAsync(path, _feed.Ndjson(Root), cancellation);

    /// <summary>The bytes that a photo is answered with when nothing goes wrong.</summary>
    public byte[] PhotoBytes(string listing, int number) =>
        (_catalog.Find(listing, number) ?? throw new ArgumentException($"There is no photo {listing}/{number}.")).Picture.ToArray();

    /// <summary>Adds a listing; returns its key.</summary>
    public string AddListing(int photos) => _catalog.Add(photos);

    /// <summary>Withdraws a listing: MlgCanView false, and its photos answer 404.</summary>
    public void Withdraw(string listing) => _catalog.Withdraw(listing);

    /// <summary>Gives a photo other bytes and a new MediaModificationTimestamp; key and address stay.</summary>
    public void ChangePhoto(string listing, int number) =>
        _catalog.ChangePhoto(listing, number, (photo, now) =>
            photo with { Version = photo.Version + 1, ModifiedAt = now, Picture = _catalog.Draw(listing, number, photo.Version + 1) });

    /// <summary>Gives a photo another caption; its bytes and MediaModificationTimestamp stay.</summary>
    public void ChangeCaption(string listing, int number, string caption) =>
        _catalog.ChangePhoto(listing, number, (photo, _) => photo with { Caption = caption });

    /// <summary>Turns the order of a listing's photos round: the last comes first.</summary>
    public void ReverseOrder(string listing) =>
        _catalog.ChangePhotos(listing, (photos, _) => photos.Select((photo, i) => photo with { Order = photos.Length - 1 - i }));

    /// <summary>Removes a photo from its listing; it answers 404.</summary>
    public void RemovePhoto(string listing, int number) =>
        _catalog.ChangePhotos(listing, (photos, _) => photos.Where(photo => photo.Number != number));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Whoever still waits for a late photo is cut off: a test that ends must not wait for the slowest answer.
        using var now = new CancellationTokenSource(0);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    object Counts() => new
    {
        Total = TotalGets,
        ByPhoto = GetsByPhoto,
        ByStatus = Answers.ToDictionary(answer => Name(answer.Key), answer => answer.Value),
        PermanentFaults = PermanentFaults.ToDictionary(photo => photo.Key, photo => Name(photo.Value)),
    };

    static string Name(PhotoAnswer answer) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(answer.ToString());

    // Neither files, environment nor logs: in a test this server must not listen to what is meant for the services beside it.
    static WebApplication Build(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null; // A client may take its time: what it does not read is its own affair.
            kestrel.Listen(IPAddress.Loopback, port);
        });
        return builder.Build();
    }

    // Beside the target first: whoever waits for the file never reads half of it.
    static async Task WriteAsync(string path, byte[] bytes, CancellationToken cancellation)
    {
        var partial = path + ".part";
        await File.WriteAllBytesAsync(partial, bytes, cancellation);
        File.Move(partial, path, overwrite: true);
    }
}
