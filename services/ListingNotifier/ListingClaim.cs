namespace ImagePipeline.ListingNotifier;

/// <summary>
/// A listing that this process alone announces or removes. Kept for as long as that takes; one that was frozen, or whose store hung, for longer than
/// the claim finds out before its next step that another process has taken over.
/// </summary>
sealed class ListingClaim(ListingTable table, Guid listingUid, string id, long announcedFinal, DateTimeOffset until, TimeSpan claimTime, TimeProvider time)
{
    DateTimeOffset _until = until;

    /// <summary>What the row calls its holder.</summary>
    public string Id { get; } = id;

    /// <summary>The last generation that was announced final.</summary>
    public long AnnouncedFinal { get; } = announcedFinal;

    /// <summary>Before each step that others can see: at least half of the claim's time is left for it.</summary>
    /// <exception cref="ListingClaimLostException">Another process has taken over.</exception>
    public async ValueTask KeepAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (now < _until - claimTime / 2)
            return;
        if (!await table.RenewAsync(listingUid, Id, now + claimTime, cancellation))
            throw new ListingClaimLostException($"The claim on listing {listingUid} ran out, and another process has taken over.");
        _until = now + claimTime;
    }
}

/// <summary>Another process has taken over a listing: whatever was to be done is its business now.</summary>
sealed class ListingClaimLostException(string message) : Exception(message);
