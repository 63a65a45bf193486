using System.Runtime.CompilerServices;
using Dapper;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Sagas;

namespace ImagePipeline.ListingNotifier;

/// <summary>What a backfill reads of listings, and what it leaves behind of itself; what it tells of listings goes to their sagas as messages.</summary>
sealed class BackfillTable(PipelineDatabase database, TimeProvider time)
{
    // Of one feed, or of all. What is withdrawn has nothing to show.
    const string Shown = "generation > 0 AND withdrawn = 0 AND feed IS NOT NULL AND (CAST(@feed AS TEXT) IS NULL OR feed = @feed)";

    // Reading a saga needs nothing of the running service.
    readonly SagaTable<ListingState> _sagas = new(database, ListingTable.Options(), time);

    /// <summary>Begins a backfill of one feed, or of all (null).</summary>
    /// <returns>Its number: higher than that of every backfill begun before, and not below the clock, so that it is so after a lost database too.</returns>
    public async Task<long> BeginAsync(string? feed, string profile, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        while (true)
        {
            var number = Math.Max(now, 1 + await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                "SELECT COALESCE(MAX(number), 0) FROM backfill", cancellationToken: cancellation)));
            // Another one begun at this moment has this number.
            var rows = await connection.ExecuteAsync(new CommandDefinition(
                "INSERT INTO backfill (number, feed, profile, started_at) VALUES (@number, @feed, @profile, @now) ON CONFLICT (number) DO NOTHING",
                new { number, feed, profile, now }, cancellationToken: cancellation));
            if (rows == 1)
                return number;
        }
    }

    /// <summary>Records that a backfill has come to its end, and with it those before it that were cut off.</summary>
    public async Task EndAsync(long number, string? feed, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE backfill SET ended_at = @now WHERE ended_at IS NULL AND number <= @number AND (CAST(@feed AS TEXT) IS NULL OR feed = @feed)",
            new { number, feed, now = time.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken: cancellation));
    }

    /// <summary>How many listings there are to look at.</summary>
    public async Task<int> CountAsync(string? feed, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            $"SELECT COUNT(*) FROM listing_saga WHERE {Shown}", new { feed }, cancellationToken: cancellation));
    }

    /// <summary>Whether the feed has listings, withdrawn ones included.</summary>
    public async Task<bool> IsKnownAsync(string feed, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            "SELECT COUNT(*) FROM (SELECT 1 FROM listing_saga WHERE feed = @feed LIMIT 1) AS one", new { feed }, cancellationToken: cancellation)) > 0;
    }

    /// <summary>The listings to look at, read a page at a time.</summary>
    public async IAsyncEnumerable<ListingToLookAt> ListingsAsync(string? feed, [EnumeratorCancellation] CancellationToken cancellation)
    {
        const int pageSize = 500;
        var after = "";
        while (true)
        {
            IReadOnlyList<ListingRow> page;
            await using (var connection = await database.Source.OpenConnectionAsync(cancellation))
                page = [.. await connection.QueryAsync<ListingRow>(new CommandDefinition(
                    $"""
                    SELECT correlation_id AS Id, CASE WHEN backfill > 0 AND settled = 1 AND asked > announced_asked THEN 1 ELSE 0 END AS IsDue
                    FROM listing_saga WHERE {Shown} AND correlation_id > @after ORDER BY correlation_id LIMIT {pageSize}
                    """,
                    new { feed, after }, cancellationToken: cancellation))];
            foreach (var row in page)
                yield return new(Guid.Parse(row.Id), row.IsDue == 1);
            if (page.Count < pageSize)
                yield break;
            after = page[^1].Id;
        }
    }

    /// <summary>Listings that were withdrawn since the first of the backfills before this one that were cut off: these may have stored something of them.</summary>
    public async Task<IReadOnlyList<WithdrawnListing>> WithdrawnAsync(long number, string? feed, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<WithdrawnListing>(new CommandDefinition(
            """
            SELECT feed AS Feed, listing_key AS ListingKey, generation AS Generation FROM listing_saga
            WHERE withdrawn = 1 AND (CAST(@feed AS TEXT) IS NULL OR feed = @feed)
                AND updated_at >= (SELECT MIN(started_at) FROM backfill WHERE ended_at IS NULL AND number < @number)
            """,
            new { number, feed }, cancellationToken: cancellation))];
    }

    /// <summary>What is shown of a listing in another profile than this one; null when the listing is not to be shown any more.</summary>
    public async Task<ListingToBackfill?> ReadAsync(Guid listingUid, string profile, CancellationToken cancellation)
    {
        if (await _sagas.LoadAsync(listingUid, cancellation) is not { IsKnown: true, Removing: false } state)
            return null;

        var others = state.Photos
            .Select(p => (Listed: p, Shown: state.OutcomeOf(p) is { Kind: OutcomeKind.Stored } stored ? stored : state.ShownBefore(p)))
            .Where(p => p.Shown is { Stored: { } stored } && stored.Profile != profile)
            .Select(p => new PhotoToBackfill(p.Listed.PhotoId, p.Listed.MediaKey, p.Shown!.Version));
        return new ListingToBackfill(state.Feed!, state.ListingKey!, listingUid, state.Generation, state.Backfill, [.. others]);
    }

    /// <summary>How far these listings have come.</summary>
    public async Task<IReadOnlyDictionary<Guid, BackfilledListing>> FollowAsync(IReadOnlyCollection<Guid> listings, CancellationToken cancellation)
    {
        // A parameter each: a list as one is sent as an array to PostgreSQL, which SQLite does not have.
        var ids = new DynamicParameters();
        foreach (var (i, listing) in listings.Index())
            ids.Add($"id{i}", listing.ToString());
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<BackfilledRow>(new CommandDefinition(
            $"""
            SELECT correlation_id AS Id, backfill AS Backfill,
                CASE WHEN removing = 1 THEN 'Due' WHEN withdrawn = 1 THEN 'Withdrawn' WHEN settled = 0 THEN 'NotFinal' WHEN asked > announced_asked THEN 'Due' ELSE 'Announced' END AS State
            FROM listing_saga WHERE correlation_id IN ({string.Join(", ", ids.ParameterNames.Select(name => "@" + name))})
            """,
            ids, cancellationToken: cancellation));
        return rows.ToDictionary(r => Guid.Parse(r.Id), r => new BackfilledListing(r.Backfill, r.State));
    }

    sealed record ListingRow
    {
        public required string Id { get; init; }

        public required int IsDue { get; init; }
    }

    sealed record BackfilledRow
    {
        public required string Id { get; init; }

        public required long Backfill { get; init; }

        public required ListingAwaited State { get; init; }
    }
}

/// <summary>A listing, and what is shown of it in another profile.</summary>
/// <param name="Feed">The feed's id.</param>
/// <param name="ListingKey">The listing's key.</param>
/// <param name="ListingUid">Its id.</param>
/// <param name="Generation">The generation it was read in.</param>
/// <param name="Backfill">The number of the latest backfill that told of it.</param>
/// <param name="Photos">The photos in another profile, each in the version that is shown.</param>
sealed record ListingToBackfill(string Feed, string ListingKey, Guid ListingUid, long Generation, long Backfill, IReadOnlyList<PhotoToBackfill> Photos);

/// <summary>A photo that is shown in another profile.</summary>
sealed record PhotoToBackfill(Guid PhotoId, string MediaKey, string Version);

/// <summary>A listing that is shown.</summary>
/// <param name="ListingUid">Its id.</param>
/// <param name="IsDue">Whether a backfill has told of it and it is not announced since.</param>
sealed record ListingToLookAt(Guid ListingUid, bool IsDue);

/// <summary>A listing that is not shown any more.</summary>
sealed record WithdrawnListing
{
    public required string Feed { get; init; }

    public required string ListingKey { get; init; }

    public required long Generation { get; init; }
}

/// <summary>How far a listing has come that a backfill has told of.</summary>
/// <param name="Backfill">The latest backfill it has heard of.</param>
/// <param name="State">What may still be awaited of it.</param>
sealed record BackfilledListing(long Backfill, ListingAwaited State);

/// <summary>What may still be awaited of a listing that a backfill has told of.</summary>
enum ListingAwaited
{
    /// <summary>It is final and to be announced now, or withdrawn and to be deleted.</summary>
    Due,

    /// <summary>It is announced.</summary>
    Announced,

    /// <summary>It is not final, and announced when it is, or at its deadline.</summary>
    NotFinal,

    /// <summary>It is not shown any more.</summary>
    Withdrawn,
}
