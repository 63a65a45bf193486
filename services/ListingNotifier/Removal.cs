using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.Storage.Photos;
using ImagePipeline.Storage.Sagas;
using MassTransit;

namespace ImagePipeline.ListingNotifier;

/// <summary>
/// Deletes all that is stored of a listing: commit marks first, so that nothing half-deleted is ever found stored, then the rest, then tells it,
/// then clears the saga. Killed anywhere, it starts over; what is gone stays gone.
/// </summary>
public sealed class Removal(SagaTable<ListingState> sagas, IPhotoStore store, Publisher publisher)
{
    // So that a message stays well under what any transport carries: a key has some 200 characters, and Amazon SQS takes 256 KB.
    const int KeysPerMessage = 500;

    /// <summary>Removes the listing of <paramref name="state"/>, which is claimed.</summary>
    /// <exception cref="ConcurrencyException">Something was stored meanwhile: it is still due, and starts over.</exception>
    /// <exception cref="ListingClaimLostException">Another process has taken over.</exception>
    internal async Task RunAsync(ListingState state, ListingClaim claim, CancellationToken cancellation)
    {
        var keys = await DeleteAsync(state, claim, cancellation);
        await claim.KeepAsync(cancellation);
        foreach (var part in keys.Chunk(KeysPerMessage).DefaultIfEmpty([]))
        {
            var removed = new PhotosRemoved
            {
                Feed = state.Feed!,
                ListingKey = state.ListingKey!,
                ListingUid = state.CorrelationId,
                Scope = RemovalScope.Listing,
                Why = state.Withdrawn ?? "The listing was withdrawn before.",
                Keys = part,
            };
            await publisher.PublishAsync(removed, state.CorrelationId, cancellation);
        }

        var isWantedAgain = state.Removed();
        if (isWantedAgain)
        {
            var request = new ListingPhotosRequested
            {
                Feed = state.Feed!,
                ListingKey = state.ListingKey!,
                Reason = "The listing came back while its photos were being deleted.",
                Urgent = false,
            };
            await publisher.PublishAsync(request, state.CorrelationId, cancellation);
        }
        await sagas.UpdateAsync(state, cancellation);
    }

    // The claim is looked at before each object: when another process has removed the listing and it has come back, these are new ones.
    async Task<IReadOnlyCollection<string>> DeleteAsync(ListingState state, ListingClaim claim, CancellationToken cancellation)
    {
        var stored = state.Outcomes.Where(o => o.Stored is not null).Select(o => o.Stored!).ToList();
        foreach (var photo in stored)
        {
            await claim.KeepAsync(cancellation);
            await store.DeleteAsync(photo.Renditions[^1].Key, cancellation);
        }

        // What the saga knows of is told even when a process that was killed has deleted it before.
        var keys = stored.SelectMany(s => s.Renditions.Select(r => r.Key).Append(s.Original.Key)).ToHashSet();
        string[] prefixes =
        [
            StoreKeys.RenditionsOf(state.Feed!, state.ListingKey!),
            StoreKeys.OriginalsOf(state.Feed!, state.ListingKey!),
            StoreKeys.ManifestsOf(state.Feed!, state.ListingKey!),
        ];
        foreach (var prefix in prefixes)
        {
            await foreach (var key in store.ListAsync(prefix, cancellation))
                keys.Add(key);
        }
        foreach (var key in keys)
        {
            await claim.KeepAsync(cancellation);
            await store.DeleteAsync(key, cancellation);
        }
        return keys;
    }
}
