using ImagePipeline.Storage.Gates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagePipeline.ServiceDefaults;

/// <summary>
/// Tells other processes through the database which gates this one has closed or opened, and hears it from them. As good as it can: each process
/// would find out for itself. That the database is gone each finds out for itself anyway.
/// </summary>
sealed partial class GateSharing(Gates gates, GateTable table, IOptions<GateOptions> options, TimeProvider time, ILogger<GateSharing> log)
{
    // The closed gates as this process and the table last agreed on them.
    readonly Dictionary<string, GateRow> _agreed = [];
    bool _isFailing;

    public async Task ShareAsync(CancellationToken cancellation)
    {
        if (gates.IsClosed(Gates.Database))
            return;
        try
        {
            var rows = (await table.AllAsync(cancellation)).Where(row => row.Name is not "probe").ToDictionary(row => row.Name);
            foreach (var name in rows.Keys.Union(_agreed.Keys).Union(gates.Closed.Select(closed => closed.Name)).ToList())
            {
                if (name != Gates.Database)
                    await ShareAsync(gates.Of(name), rows.GetValueOrDefault(name), cancellation);
            }
            _isFailing = false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (!_isFailing)
                Log.Failed(log, e.Message);
            _isFailing = true;
        }
    }

    async Task ShareAsync(Gate gate, GateRow? row, CancellationToken cancellation)
    {
        var mine = gate.Row;
        var agreed = _agreed.GetValueOrDefault(gate.Name);
        if (mine is not null && (agreed is null || mine.Until > agreed.Until))
        {
            await table.CloseAsync(mine, cancellation);
            if (row?.Until > mine.Until)
                gate.CloseAsTold(row);
            _agreed[gate.Name] = gate.Row ?? mine;
        }
        else if (mine is null && agreed is not null)
        {
            // Its probe has succeeded here.
            await table.OpenAsync(gate.Name, agreed.Until, cancellation);
            _agreed.Remove(gate.Name);
        }
        else if (row is null)
        {
            gate.OpenAsTold();
            _agreed.Remove(gate.Name);
        }
        else if (IsLeftBehind(row))
        {
            await table.OpenAsync(row.Name, row.Until, cancellation);
        }
        else if (mine is null || row.Until > mine.Until)
        {
            gate.CloseAsTold(row);
            _agreed[gate.Name] = row;
        }
    }

    // By a process that is gone, or of a gate that nobody has needed since: everybody who still needed it would have renewed it.
    bool IsLeftBehind(GateRow row) => time.GetUtcNow() - row.Until > options.Value.LongestStop + options.Value.LongestPause;

    static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Closed gates are not told to other processes for now: {Message}")]
        public static partial void Failed(ILogger log, string message);
    }
}
