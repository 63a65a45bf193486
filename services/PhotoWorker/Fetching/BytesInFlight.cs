namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>
/// Bounds the bytes of all photos held at once, from the first byte received until the last rendition is stored. Bytes are taken as they come, so that a length
/// that was only announced costs nothing. The urgent come first, then who began first. Slow servers cannot take all: of bodies that are still being received a
/// lane holds fewer than half of what those of the others leave free, but for its oldest one. So that nobody waits for ever for somebody who waits too, one body
/// at a time may go over the bound until it is whole. Renditions may take more than the original did whose place they take: no more are made while half of the
/// bound is renditions that wait to be stored. So at most one photo and half of <paramref name="most"/> more than it are held.
/// </summary>
/// <param name="most">The bound in bytes.</param>
sealed class BytesInFlight(long most)
{
    readonly Lock _gate = new();
    readonly Dictionary<string, Lane> _lanes = [];
    readonly SortedSet<HeldBytes> _waiting = new(Comparer<HeldBytes>.Create(static (a, b) => a.Turn.CompareTo(b.Turn)));
    readonly Dictionary<string, LinkedList<TaskCompletionSource>> _toAsk = [];
    readonly LinkedList<TaskCompletionSource> _toMake = [];
    HeldBytes? _over;
    long _inUse;
    long _receiving;
    long _made;
    long _last;

    /// <summary>How many bytes are held now.</summary>
    public long InUse
    {
        get
        {
            lock (_gate)
                return _inUse;
        }
    }

    /// <summary>How many photos wait for room now.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Begins to hold a photo of a feed, without a byte yet.</summary>
    public HeldBytes Begin(string feed, bool urgent)
    {
        var lane = urgent ? ServiceDefaults.Lane.Urgent : feed;
        lock (_gate)
        {
            var held = new HeldBytes(this, lane, (!urgent, ++_last));
            if (!_lanes.TryGetValue(lane, out var share))
                _lanes.Add(lane, share = new Lane());
            share.Receiving.Add(held);
            return held;
        }
    }

    /// <summary>
    /// Waits until nobody waits for room, but for those of other feeds who have taken their lane's share. Asked before a GET is sent: an answer that then has to wait
    /// may be cut by its server.
    /// </summary>
    public Task WaitToAskAsync(string feed, CancellationToken cancellation)
    {
        LinkedList<TaskCompletionSource>? line;
        lock (_gate)
        {
            if (!_toAsk.TryGetValue(feed, out line))
                _toAsk.Add(feed, line = []);
        }
        return WaitAsync(line, () => !_waiting.Any(held => held.Lane == feed || !HasItsShare(held)), cancellation);
    }

    /// <summary>Waits until fewer renditions wait to be stored. Asked before more are made.</summary>
    public Task WaitToMakeAsync(CancellationToken cancellation) => WaitAsync(_toMake, () => _made <= most / 2, cancellation);

    async Task WaitAsync(LinkedList<TaskCompletionSource> line, Func<bool> mayPass, CancellationToken cancellation)
    {
        LinkedListNode<TaskCompletionSource> turn;
        lock (_gate)
        {
            if (mayPass())
                return;
            turn = line.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        using (cancellation.Register(() => GiveUp(turn, cancellation)))
            await turn.Value.Task;
    }

    internal async Task GrowAsync(HeldBytes held, int bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        TaskCompletionSource granted;
        lock (_gate)
        {
            held.Wanted = bytes;
            granted = held.Granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(held);
            Grant();
        }
        using (cancellation.Register(() => GiveUp(held, cancellation)))
            await granted.Task;
    }

    internal void Change(HeldBytes held, long bytes, long made)
    {
        lock (_gate)
        {
            Add(held, bytes - held.Bytes);
            _made += made - held.Made;
            held.Made = made;
            End(held);
            Grant();
        }
    }

    // In turn, but past those who may not: what they wait for may be what comes after them.
    void Grant()
    {
        var granted = true;
        while (granted && _waiting.Count > 0)
        {
            granted = false;
            foreach (var held in _waiting)
            {
                if (!MayTake(held))
                    continue;
                if (_inUse + held.Wanted > most)
                    _over = held;
                _waiting.Remove(held);
                Add(held, held.Wanted);
                held.Granted!.SetResult();
                granted = true;
                break;
            }
        }
        if (_toAsk.Values.Any(line => line.Count > 0))
            LetAsk();
        if (_made <= most / 2)
            LetPass(_toMake);
    }

    void LetAsk()
    {
        if (_waiting.Any(held => !HasItsShare(held)))
            return;
        var full = _waiting.Select(held => held.Lane).ToHashSet();
        foreach (var (lane, line) in _toAsk)
        {
            if (!full.Contains(lane))
                LetPass(line);
        }
    }

    static void LetPass(LinkedList<TaskCompletionSource> line)
    {
        foreach (var turn in line)
            turn.SetResult();
        line.Clear();
    }

    bool MayTake(HeldBytes held)
    {
        if (held == _over)
            return true;
        if (HasItsShare(held))
            return false;
        return _inUse + held.Wanted <= most || _over is null && _inUse <= most && held == _waiting.First(first => !HasItsShare(first));
    }

    // It waits for its own lane alone, whatever room there is.
    bool HasItsShare(HeldBytes held)
    {
        var lane = _lanes[held.Lane];
        return held != lane.Receiving.Min && 2 * (lane.Bytes + held.Wanted) > most - (_receiving - lane.Bytes);
    }

    void Add(HeldBytes held, long bytes)
    {
        held.Bytes += bytes;
        _inUse += bytes;
        if (!held.IsReceiving)
            return;
        _lanes[held.Lane].Bytes += bytes;
        _receiving += bytes;
    }

    void End(HeldBytes held)
    {
        if (!held.IsReceiving)
            return;
        var lane = _lanes[held.Lane];
        lane.Receiving.Remove(held);
        lane.Bytes -= held.Bytes;
        _receiving -= held.Bytes;
        held.IsReceiving = false;
        if (lane.Receiving.Count == 0)
            _lanes.Remove(held.Lane);
        if (_over == held)
            _over = null;
    }

    void GiveUp(HeldBytes held, CancellationToken cancellation)
    {
        lock (_gate)
        {
            // Out of the line already: it was granted, and is given back with the rest.
            if (!_waiting.Remove(held))
                return;
            held.Granted!.SetCanceled(cancellation);
            Grant();
        }
    }

    void GiveUp(LinkedListNode<TaskCompletionSource> turn, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (turn.List is null)
                return;
            turn.List.Remove(turn);
            turn.Value.SetCanceled(cancellation);
        }
    }

    sealed class Lane
    {
        public SortedSet<HeldBytes> Receiving { get; } = new(Comparer<HeldBytes>.Create(static (a, b) => a.Turn.CompareTo(b.Turn)));

        public long Bytes { get; set; }
    }
}

/// <summary>What one photo holds of <see cref="BytesInFlight"/>, until it is disposed.</summary>
sealed class HeldBytes : IDisposable
{
    readonly BytesInFlight _all;

    internal HeldBytes(BytesInFlight all, string lane, (bool, long) turn) => (_all, Lane, Turn) = (all, lane, turn);

    /// <summary>How many bytes are held.</summary>
    public long Bytes { get; internal set; }

    internal long Made { get; set; }

    internal string Lane { get; }

    internal (bool NotUrgent, long Number) Turn { get; }

    internal bool IsReceiving { get; set; } = true;

    internal int Wanted { get; set; }

    internal TaskCompletionSource? Granted { get; set; }

    /// <summary>Waits for room for so many more bytes.</summary>
    public Task GrowAsync(int bytes, CancellationToken cancellation) => _all.GrowAsync(this, bytes, cancellation);

    /// <summary>The photo is whole: it holds so many bytes, and needs no more from its server.</summary>
    public void End(long bytes) => _all.Change(this, bytes, made: 0);

    /// <summary>Renditions of so many bytes were made, and so much is held of the original beside them. They wait for nobody, because they are there.</summary>
    public void Become(long renditions, long original = 0) => _all.Change(this, renditions + original, renditions);

    /// <summary>Gives all back; once more does nothing.</summary>
    public void Dispose() => End(0);
}
