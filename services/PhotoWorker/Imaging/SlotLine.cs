namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>
/// A number of slots and the line in front of them. An urgent waiter goes before all others; among equals the first come is the first served. Urgent work is
/// rare by contract, so the others are not starved.
/// </summary>
sealed class SlotLine(int count)
{
    readonly Lock _gate = new();
    readonly LinkedList<TaskCompletionSource> _urgent = [];
    readonly LinkedList<TaskCompletionSource> _others = [];
    int _free = count;

    /// <summary>How many wait for a slot now.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _urgent.Count + _others.Count;
        }
    }

    /// <summary>Waits for a slot, which the caller gives back. Cancelling takes a waiter out of the line.</summary>
    public Task EnterAsync(bool urgent, CancellationToken cancellation) => EnterAsync(urgent ? _urgent : _others, cancellation);

    async Task EnterAsync(LinkedList<TaskCompletionSource> line, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource> turn;
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            // Asynchronous continuations: whoever leaves must not run the next one's work on its own stack, inside the lock.
            turn = line.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        using (cancellation.Register(() => GiveUp(line, turn, cancellation)))
            await turn.Value.Task;
    }

    void GiveUp(LinkedList<TaskCompletionSource> line, LinkedListNode<TaskCompletionSource> turn, CancellationToken cancellation)
    {
        lock (_gate)
        {
            // Out of the line already: the slot was granted, and its owner gives it back.
            if (turn.List is null)
                return;
            line.Remove(turn);
            turn.Value.SetCanceled(cancellation);
        }
    }

    /// <summary>Gives a slot back.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            var line = _urgent.Count > 0 ? _urgent : _others;
            if (line.First is not { } next)
            {
                _free++;
                return;
            }

            line.RemoveFirst();
            next.Value.SetResult();
        }
    }
}
