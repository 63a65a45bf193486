using Dapper;
using ImagePipeline.Contracts;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Photos;
using ImagePipeline.Storage.Sagas;

namespace ImagePipeline.ListingNotifier;

/// <summary>What can be told of listings without changing anything.</summary>
public sealed class ListingReport(PipelineDatabase database, TimeProvider time, PhotoStoreOptions? store = null)
{
    // Reading a saga needs nothing of the running service.
    readonly SagaTable<ListingState> _sagas = new(database, ListingTable.Options(), time);

    /// <summary>The numbers of each of these feeds that has listings.</summary>
    public async Task<IReadOnlyList<FeedTotals>> TotalsAsync(IReadOnlyCollection<string> feeds, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var totals = new List<FeedTotals>();
        foreach (var feed in feeds)
        {
            // CAST, because PostgreSQL counts in bigint and sums in numeric.
            totals.Add(await connection.QuerySingleAsync<FeedTotals>(new CommandDefinition(
                """
                SELECT @feed AS Feed,
                    CAST(COUNT(*) AS INTEGER) AS Listings,
                    CAST(COALESCE(SUM(settled), 0) AS INTEGER) AS Settled,
                    CAST(COALESCE(SUM(complete), 0) AS INTEGER) AS Complete,
                    CAST(COALESCE(SUM(CASE WHEN settled = 1 AND asked <= announced_asked THEN 1 ELSE 0 END), 0) AS INTEGER) AS Ready,
                    CAST(COALESCE(SUM(photos), 0) AS INTEGER) AS Photos,
                    CAST(COALESCE(SUM(stored), 0) AS INTEGER) AS Stored,
                    CAST(COALESCE(SUM(rejected), 0) AS INTEGER) AS Rejected,
                    CAST(COALESCE(SUM(failed), 0) AS INTEGER) AS Failed
                FROM listing_saga WHERE feed = @feed AND generation > 0
                """,
                new { feed }, cancellationToken: cancellation)));
        }
        return totals;
    }

    /// <summary>The photos of a feed that are rejected or failed.</summary>
    public async IAsyncEnumerable<(string ListingKey, MissingPhoto Photo)> MissingAsync(
        string feed, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        IReadOnlyList<string> ids;
        await using (var connection = await database.Source.OpenConnectionAsync(cancellation))
            ids = [.. await connection.QueryAsync<string>(new CommandDefinition(
                "SELECT correlation_id FROM listing_saga WHERE feed = @feed AND (rejected > 0 OR failed > 0) ORDER BY listing_key",
                new { feed }, cancellationToken: cancellation))];

        foreach (var id in ids)
        {
            if (await _sagas.LoadAsync(Guid.Parse(id), cancellation) is not { IsKnown: true } state)
                continue;
            foreach (var photo in Announcement.Of(state).Missing.Where(m => m.Reason != MissingReason.Pending))
                yield return (state.ListingKey!, photo);
        }
    }

    /// <summary>One listing as it would be announced now; null when it is not known, or withdrawn.</summary>
    public async Task<PhotosReady?> ListingAsync(string feed, string listingKey, CancellationToken cancellation) =>
        await _sagas.LoadAsync(Identity.ListingUid(feed, listingKey), cancellation) is { IsKnown: true } state ? Announcement.Of(state, store) : null;

    /// <summary>Why a listing is withdrawn; null when it is not.</summary>
    public async Task<string?> WithdrawnAsync(string feed, string listingKey, CancellationToken cancellation) =>
        (await _sagas.LoadAsync(Identity.ListingUid(feed, listingKey), cancellation))?.Withdrawn;
}

/// <summary>The numbers of one feed.</summary>
public sealed record FeedTotals
{
    /// <summary>The feed's id.</summary>
    public required string Feed { get; init; }

    /// <summary>Listings known, withdrawn ones included.</summary>
    public required int Listings { get; init; }

    /// <summary>Listings of which every photo is settled.</summary>
    public required int Settled { get; init; }

    /// <summary>Listings of which every photo is stored.</summary>
    public required int Complete { get; init; }

    /// <summary>Listings settled and announced.</summary>
    public required int Ready { get; init; }

    /// <summary>Photos wanted.</summary>
    public required int Photos { get; init; }

    /// <summary>Photos stored.</summary>
    public required int Stored { get; init; }

    /// <summary>Photos rejected.</summary>
    public required int Rejected { get; init; }

    /// <summary>Photos that failed.</summary>
    public required int Failed { get; init; }
}
