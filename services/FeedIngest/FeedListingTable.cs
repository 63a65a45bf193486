using System.Text.Json;
using Dapper;
using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest.Feeds;
using ImagePipeline.Storage.Database;

namespace ImagePipeline.FeedIngest;

/// <summary>What FeedIngest knows, in the table <c>feed_listing</c>.</summary>
public sealed class FeedListingTable(PipelineDatabase database)
{
    const string Columns = """
        feed AS Feed, listing_key AS ListingKey, listing_id AS ListingId, generation AS Generation, ask AS Ask, asked_at AS AskedAt,
        next_ask_at AS NextAskAt, withdrawn AS Withdrawn, fingerprint AS Fingerprint, photos AS Photos, changed_at AS ChangedAt, seen_at AS SeenAt,
        announcement AS Announcement, final_generation AS FinalGeneration, missing AS Missing
        """;

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    internal async Task<KnownListing?> FindAsync(string feed, string listingKey, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM feed_listing WHERE feed = @feed AND listing_key = @listingKey",
            new { feed, listingKey }, cancellationToken: cancellation));
        return row is null ? null : Known(row);
    }

    /// <summary>Saves what is known now. False when another process has saved since <paramref name="before"/> was read: nothing is changed then.</summary>
    internal async Task<bool> SaveAsync(KnownListing? before, KnownListing next, CancellationToken cancellation)
    {
        var parameters = new
        {
            next.Feed,
            next.ListingKey,
            ListingUid = next.ListingUid.ToString(),
            next.ListingId,
            next.Generation,
            next.Ask,
            AskedAt = next.AskedAt.ToUnixTimeMilliseconds(),
            NextAskAt = next.NextAskAt.ToUnixTimeMilliseconds(),
            next.Withdrawn,
            next.Fingerprint,
            Photos = JsonSerializer.Serialize(next.Photos, Json),
            ChangedAt = next.ChangedAt.ToUnixTimeMilliseconds(),
            SeenAt = next.SeenAt.ToUnixTimeMilliseconds(),
            next.FinalGeneration,
            BeforeGeneration = before?.Generation ?? 0,
            BeforeAsk = before?.Ask ?? 0,
        };
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return 1 == await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO feed_listing (feed, listing_key, listing_uid, listing_id, generation, ask, asked_at, next_ask_at, withdrawn, fingerprint,
                photos, changed_at, seen_at, final_generation)
            VALUES (@Feed, @ListingKey, @ListingUid, @ListingId, @Generation, @Ask, @AskedAt, @NextAskAt, @Withdrawn, @Fingerprint,
                @Photos, @ChangedAt, @SeenAt, @FinalGeneration)
            ON CONFLICT (feed, listing_key) DO UPDATE SET listing_id = @ListingId, generation = @Generation, ask = @Ask, asked_at = @AskedAt,
                next_ask_at = @NextAskAt, withdrawn = @Withdrawn, fingerprint = @Fingerprint, photos = @Photos, changed_at = @ChangedAt,
                seen_at = @SeenAt, final_generation = CASE WHEN feed_listing.generation = @Generation AND feed_listing.ask = @Ask
                    THEN feed_listing.final_generation ELSE @FinalGeneration END
            WHERE feed_listing.generation = @BeforeGeneration AND feed_listing.ask = @BeforeAsk
            """,
            parameters, cancellationToken: cancellation));
    }

    /// <summary>
    /// Puts off the next ask of a listing found due, so that no other process asks for it now. False when one has done so before, or has asked.
    /// </summary>
    internal async Task<bool> PostponeAsync(KnownListing due, DateTimeOffset until, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return 1 == await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE feed_listing SET next_ask_at = @until
            WHERE feed = @Feed AND listing_key = @ListingKey AND generation = @Generation AND ask = @Ask AND next_ask_at = @found
            """,
            new { due.Feed, due.ListingKey, due.Generation, due.Ask, found = due.NextAskAt.ToUnixTimeMilliseconds(), until = until.ToUnixTimeMilliseconds() },
            cancellationToken: cancellation));
    }

    /// <summary>Records an announcement, unless a newer one was heard or a newer generation is the current one.</summary>
    internal async Task<Hearing> HeardAsync(PhotosReady ready, CancellationToken cancellation)
    {
        SettledMissing[] missing =
            [.. ready.Missing.Where(m => m.Reason != MissingReason.Pending).Select(m => new SettledMissing(m.PhotoId, m.Version, m.Reason))];
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var rows = await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE feed_listing SET announcement = @announcement, final_generation = @final, missing = @missing, failed = @failed
            WHERE feed = @feed AND listing_key = @listingKey AND generation = @generation AND withdrawn IS NULL AND announcement <= @announcement
            """,
            new
            {
                feed = ready.Feed,
                listingKey = ready.ListingKey,
                generation = ready.Generation,
                announcement = ready.Announcement,
                final = ready.Final ? ready.Generation : 0,
                missing = JsonSerializer.Serialize(missing, Json),
                failed = missing.Count(m => m.Reason == MissingReason.Failed),
            },
            cancellationToken: cancellation));
        if (rows == 1)
            return Hearing.Recorded;
        // Asked by what makes it outdated, not by what is there: the save may have come since the update found nothing.
        var isOutdated = await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            """
            SELECT COUNT(*) FROM feed_listing WHERE feed = @feed AND listing_key = @listingKey
            AND (generation > @generation OR (generation = @generation AND (withdrawn IS NOT NULL OR announcement > @announcement)))
            """,
            new { feed = ready.Feed, listingKey = ready.ListingKey, generation = ready.Generation, announcement = ready.Announcement },
            cancellationToken: cancellation));
        return isOutdated > 0 ? Hearing.Outdated : Hearing.TooEarly;
    }

    /// <summary>Records that all of a withdrawn listing is deleted.</summary>
    internal async Task<Hearing> HeardAsync(PhotosRemoved removed, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var rows = await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE feed_listing SET final_generation = generation, missing = '[]', failed = 0
            WHERE feed = @feed AND listing_key = @listingKey AND withdrawn IS NOT NULL
            """,
            new { feed = removed.Feed, listingKey = removed.ListingKey }, cancellationToken: cancellation));
        return rows == 1 ? Hearing.Recorded : Hearing.TooEarly;
    }

    /// <summary>Up to 500 listings that are not final and whose time to be asked for has come, the longest waiting first.</summary>
    internal Task<IReadOnlyList<KnownListing>> FindDueAsync(string feed, DateTimeOffset now, CancellationToken cancellation) => QueryAsync(
        "feed = @feed AND final_generation < generation AND next_ask_at <= @at ORDER BY next_ask_at LIMIT 500", feed, now, cancellation);

    /// <summary>Up to 500 listings with photos that are not settled or failed, last asked for before <paramref name="start"/>.</summary>
    internal Task<IReadOnlyList<KnownListing>> FindLeftOverAsync(string feed, DateTimeOffset start, CancellationToken cancellation) => QueryAsync(
        "feed = @feed AND (final_generation < generation OR failed > 0) AND asked_at < @at ORDER BY asked_at LIMIT 500", feed, start, cancellation);

    /// <summary>The feeds with listings that are not final or have failed photos, by id.</summary>
    internal async Task<IReadOnlyList<string>> FindUnfinishedFeedsAsync(CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT DISTINCT feed FROM feed_listing WHERE final_generation < generation OR failed > 0 ORDER BY feed", cancellationToken: cancellation))];
    }

    /// <summary>How many listings of a feed are not announced final.</summary>
    public async Task<int> CountNotFinalAsync(string feed, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            "SELECT COUNT(*) FROM feed_listing WHERE feed = @feed AND final_generation < generation", new { feed }, cancellationToken: cancellation));
    }

    /// <summary>How many listings of a feed are withdrawn.</summary>
    public async Task<int> CountWithdrawnAsync(string feed, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            "SELECT COUNT(*) FROM feed_listing WHERE feed = @feed AND withdrawn IS NOT NULL", new { feed }, cancellationToken: cancellation));
    }

    async Task<IReadOnlyList<KnownListing>> QueryAsync(string where, string feed, DateTimeOffset at, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM feed_listing WHERE {where}", new { feed, at = at.ToUnixTimeMilliseconds() }, cancellationToken: cancellation));
        return [.. rows.Select(Known)];
    }

    static KnownListing Known(Row row) => new()
    {
        Feed = row.Feed,
        ListingKey = row.ListingKey,
        ListingId = row.ListingId,
        Generation = row.Generation,
        Ask = row.Ask,
        AskedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.AskedAt),
        NextAskAt = DateTimeOffset.FromUnixTimeMilliseconds(row.NextAskAt),
        Withdrawn = row.Withdrawn,
        Fingerprint = row.Fingerprint,
        Photos = JsonSerializer.Deserialize<IReadOnlyList<ReadPhoto>>(row.Photos, Json)!,
        ChangedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.ChangedAt),
        SeenAt = DateTimeOffset.FromUnixTimeMilliseconds(row.SeenAt),
        Announcement = row.Announcement,
        FinalGeneration = row.FinalGeneration,
        Missing = JsonSerializer.Deserialize<IReadOnlyList<SettledMissing>>(row.Missing, Json)!,
    };

    sealed record Row
    {
        public required string Feed { get; init; }

        public required string ListingKey { get; init; }

        public string? ListingId { get; init; }

        public required long Generation { get; init; }

        public required int Ask { get; init; }

        public required long AskedAt { get; init; }

        public required long NextAskAt { get; init; }

        public string? Withdrawn { get; init; }

        public required string Fingerprint { get; init; }

        public required string Photos { get; init; }

        public required long ChangedAt { get; init; }

        public required long SeenAt { get; init; }

        public required long Announcement { get; init; }

        public required long FinalGeneration { get; init; }

        public required string Missing { get; init; }
    }
}

/// <summary>What came of an announcement.</summary>
enum Hearing
{
    /// <summary>It is what is known now.</summary>
    Recorded,

    /// <summary>Something newer is known.</summary>
    Outdated,

    /// <summary>What it speaks of is not known: not yet, or never.</summary>
    TooEarly,
}
