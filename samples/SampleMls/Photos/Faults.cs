namespace ImagePipeline.SampleMls.Photos;

/// <summary>Which GETs go wrong, decided by seed, photo and attempt alone: whatever the order of requests, the same ones do.</summary>
sealed class Faults(SampleMlsOptions options)
{
    /// <summary>What a photo is answered with at an attempt, the first being 1.</summary>
    public PhotoAnswer Decide(string photo, int attempt)
    {
        if (Permanent(photo) is { } permanent) return permanent;
        var passing = Passing(photo, attempt);
        if (passing == PhotoAnswer.Ok) return passing;

        var before = 0;
        while (before + 1 < attempt && Passing(photo, attempt - before - 1) != PhotoAnswer.Ok) before++;
        return before % (options.FaultsInARow + 1) == options.FaultsInARow ? PhotoAnswer.Ok : passing;
    }

    /// <summary>What a photo is always answered with; null for one that can be fetched.</summary>
    public PhotoAnswer? Permanent(string photo)
    {
        var thrown = 100 * Dice.Once(options.Seed, photo, 0);
        if (thrown < options.PercentHtml) return PhotoAnswer.Html;
        return thrown < options.PercentHtml + options.Percent404 ? PhotoAnswer.NotFound : null;
    }

    /// <summary>How long an answer takes to start: log-normal, at most ten times the median.</summary>
    public TimeSpan Latency(string photo, int attempt)
    {
        var median = options.LatencyMedianMs;
        if (median == 0) return TimeSpan.Zero;
        var deviation = Math.Log((median + options.LatencySpreadMs) / median);
        var factor = Math.Exp(deviation * new Dice(options.Seed, photo, -attempt).Normal());
        return TimeSpan.FromMilliseconds(median * Math.Min(10, factor));
    }

    PhotoAnswer Passing(string photo, int attempt)
    {
        var thrown = 100 * Dice.Once(options.Seed, photo, attempt);
        if ((thrown -= options.Percent503) < 0) return PhotoAnswer.Unavailable;
        if ((thrown -= options.Percent429) < 0) return PhotoAnswer.TooManyRequests;
        if ((thrown -= options.PercentReset) < 0) return PhotoAnswer.Reset;
        return thrown < options.PercentTruncated ? PhotoAnswer.Truncated : PhotoAnswer.Ok;
    }
}
