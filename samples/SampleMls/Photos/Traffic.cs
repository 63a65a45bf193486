using System.Collections.Concurrent;

namespace ImagePipeline.SampleMls.Photos;

/// <summary>Counts every GET of a photo as it arrives, and every answer. Safe for concurrent use.</summary>
sealed class Traffic
{
    readonly ConcurrentDictionary<string, Counter> _photos = [];
    readonly int[] _answers = new int[Enum.GetValues<PhotoAnswer>().Length];

    public int Total => _photos.Values.Sum(counter => counter.Gets);

    public IReadOnlyDictionary<string, int> ByPhoto =>
        _photos.Where(photo => photo.Value.Gets > 0).ToDictionary(photo => photo.Key, photo => photo.Value.Gets);

    public IReadOnlyDictionary<PhotoAnswer, int> ByAnswer =>
        Enum.GetValues<PhotoAnswer>().ToDictionary(answer => answer, answer => Volatile.Read(ref _answers[(int)answer]));

    /// <summary>A GET came; returns the how manieth of its photo, resets not considered.</summary>
    public int Arrived(string photo)
    {
        var counter = _photos.GetOrAdd(photo, _ => new Counter());
        Interlocked.Increment(ref counter.Gets);
        return Interlocked.Increment(ref counter.Attempts);
    }

    public void Answered(PhotoAnswer answer) => Interlocked.Increment(ref _answers[(int)answer]);

    /// <summary>Counts from 0 again. Attempts go on, so that faults that passed do not come back.</summary>
    public void Reset()
    {
        foreach (var counter in _photos.Values) Interlocked.Exchange(ref counter.Gets, 0);
        for (var answer = 0; answer < _answers.Length; answer++) Interlocked.Exchange(ref _answers[answer], 0);
    }

    sealed class Counter
    {
        public int Gets;
        public int Attempts;
    }
}
