using System.Globalization;

namespace ImagePipeline.Cli.Errors;

/// <summary>Lets one message after the other go, so many a second at most, evenly.</summary>
sealed class ReplayPacer(double? perSecond, TimeProvider time)
{
    DateTimeOffset _next = time.GetUtcNow();

    /// <summary>Waits until the next one may go.</summary>
    public async Task NextAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (perSecond is not { } rate)
            return;
        var now = time.GetUtcNow();
        if (_next > now)
            await Task.Delay(_next - now, time, cancellation);
        // What was missed while the broker was slow is not made up for by a burst.
        else if (now - _next > TimeSpan.FromSeconds(1))
            _next = now;
        _next += TimeSpan.FromSeconds(1 / rate);
    }

    /// <summary>A rate as people write it, such as 20/s, 90/m, 500/h; null for anything else.</summary>
    public static double? Parse(string text)
    {
        if (text.Split('/') is not [var count, var unit] || !double.TryParse(count, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number <= 0)
            return null;
        double? seconds = unit switch { "s" => 1, "m" => 60, "h" => 3600, _ => null };
        return number / seconds is >= 1.0 / 3600 and <= 100_000 and var rate ? rate : null;
    }
}
