namespace ImagePipeline.ServiceDefaults;

/// <summary>An endpoint with gates at its entrance, and its messages that wait at any gate, there or inside.</summary>
sealed class GatedEndpoint(Uri address)
{
    readonly Lock _sync = new();
    readonly HashSet<HeldMessage> _held = [];
    Gate[] _entrance = [];
    bool _givesBack;

    public Uri Address => address;

    /// <summary>The gates that hold a message before it has begun.</summary>
    public IReadOnlyList<Gate> Entrance => _entrance;

    /// <summary>How many messages wait.</summary>
    public int Held
    {
        get
        {
            lock (_sync)
                return _held.Count;
        }
    }

    /// <summary>When the one of those that wait was received that came first; null while none waits.</summary>
    public DateTimeOffset? OldestReceived
    {
        get
        {
            lock (_sync)
                return _held.Count == 0 ? null : _held.Min(held => held.Message.Received);
        }
    }

    /// <summary>The gates that messages wait at.</summary>
    public IReadOnlyList<Gate> HeldAt
    {
        get
        {
            lock (_sync)
                return [.. _held.Select(held => held.Gate).Distinct()];
        }
    }

    /// <summary>Adds to the entrance; before the endpoint is started.</summary>
    public void Add(IEnumerable<Gate> gates) => _entrance = [.. _entrance.Union(gates)];

    /// <summary>Holds a message until all gates of the entrance let it in.</summary>
    public ValueTask PassAsync(GatedMessage message)
    {
        foreach (var gate in _entrance)
        {
            if (!gate.LetsIn(message))
                return new ValueTask(EnterAsync(message));
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Notes a message that waits, until disposed.</summary>
    public IDisposable Hold(GatedMessage message, Gate gate, Action giveBack)
    {
        var held = new HeldMessage(this, message, gate, giveBack);
        lock (_sync)
        {
            if (!_givesBack)
            {
                _held.Add(held);
                return held;
            }
        }
        giveBack();
        return held;
    }

    /// <summary>Gives back all that wait, and from now on each that would have to.</summary>
    public void GiveBack()
    {
        List<HeldMessage> held;
        lock (_sync)
        {
            _givesBack = true;
            held = [.. _held];
        }
        foreach (var message in held)
            message.GiveBack();
    }

    /// <summary>Holds messages again.</summary>
    public void TakeAgain()
    {
        lock (_sync)
            _givesBack = false;
    }

    // Anew from the first gate after each wait: it may have closed meanwhile.
    async Task EnterAsync(GatedMessage message)
    {
        while (_entrance.FirstOrDefault(gate => !gate.LetsIn(message)) is { } closed)
            await closed.EnterAsync(message);
    }

    sealed class HeldMessage(GatedEndpoint endpoint, GatedMessage message, Gate gate, Action giveBack) : IDisposable
    {
        public GatedMessage Message => message;

        public Gate Gate => gate;

        public void GiveBack() => giveBack();

        public void Dispose()
        {
            lock (endpoint._sync)
                endpoint._held.Remove(this);
        }
    }
}
