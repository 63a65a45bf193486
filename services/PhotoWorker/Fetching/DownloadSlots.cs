namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>
/// Bounds how many photos are downloaded at once, shared so that slow lanes, however many, never take all: a lane takes a slot only while it holds fewer
/// than half of what the others leave free. One lane alone gets half, two get a third each, nine a tenth each. A lane that holds none always gets one,
/// also when all are taken. Of those that wait the lane with the fewest slots comes first, and within a lane the first.
/// </summary>
sealed class DownloadSlots(int count)
{
    readonly Lock _gate = new();
    readonly Dictionary<string, Share> _lanes = [];
    int _inUse;

    /// <summary>How many slots a lane holds now.</summary>
    public int InUse(string lane)
    {
        lock (_gate)
            return _lanes.GetValueOrDefault(lane)?.InUse ?? 0;
    }

    /// <summary>Waits for a slot; it is free again when what is returned is disposed. Cancelling takes a waiter out of the line.</summary>
    public async Task<IDisposable> TakeAsync(string lane, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource> turn;
        lock (_gate)
        {
            if (!_lanes.TryGetValue(lane, out var share))
                _lanes.Add(lane, share = new Share());
            // Asynchronous continuations: whoever gives a slot back must not run the next one's download on its own stack, inside the lock.
            turn = share.Waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            Grant();
        }

        using (cancellation.Register(() => GiveUp(lane, turn, cancellation)))
            await turn.Value.Task;
        return new Slot(this, lane);
    }

    // Each slot given changes what is left for the others, so the fairest is looked for anew.
    void Grant()
    {
        while (_lanes.Values.Where(share => share.Waiting.Count > 0 && MayTake(share)).MinBy(share => share.InUse) is { } share)
        {
            var next = share.Waiting.First!;
            share.Waiting.RemoveFirst();
            share.InUse++;
            _inUse++;
            next.Value.SetResult();
        }
    }

    bool MayTake(Share share) => share.InUse == 0 || 2 * share.InUse < count - (_inUse - share.InUse);

    void GiveUp(string lane, LinkedListNode<TaskCompletionSource> turn, CancellationToken cancellation)
    {
        lock (_gate)
        {
            // Out of the line already: the slot was granted, and its owner gives it back.
            if (turn.List is null)
                return;
            turn.List.Remove(turn);
            Forget(lane);
            turn.Value.SetCanceled(cancellation);
        }
    }

    void Leave(string lane)
    {
        lock (_gate)
        {
            _lanes[lane].InUse--;
            _inUse--;
            Forget(lane);
            Grant();
        }
    }

    void Forget(string lane)
    {
        if (_lanes[lane] is { InUse: 0, Waiting.Count: 0 })
            _lanes.Remove(lane);
    }

    sealed class Share
    {
        public int InUse { get; set; }

        public LinkedList<TaskCompletionSource> Waiting { get; } = [];
    }

    sealed class Slot(DownloadSlots slots, string lane) : IDisposable
    {
        int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0)
                slots.Leave(lane);
        }
    }
}
