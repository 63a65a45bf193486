using System.Globalization;
using ImagePipeline.ServiceDefaults;
using Spectre.Console;

namespace ImagePipeline.Cli;

/// <summary>
/// Shows how a run goes, on stderr: a table that is drawn anew on a terminal, a line now and then elsewhere.
/// </summary>
static class RunProgress
{
    static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan NextLine = TimeSpan.FromSeconds(5);

    static readonly IAnsiConsole Stderr = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    static bool IsTerminal => Stderr.Profile.Capabilities.Interactive && !Console.IsErrorRedirected;

    /// <summary>Says a sentence, above the table where there is one.</summary>
    public static void Say(string sentence)
    {
        // Only a terminal has a width to break lines at.
        if (IsTerminal)
            Stderr.WriteLine(sentence);
        else
            Console.Error.WriteLine(sentence);
    }

    /// <summary>Shows the progress of a run until <paramref name="work"/> has ended, and then its exception if it has one.</summary>
    public static Task ShowAsync(
        TimeProvider time, Func<CancellationToken, Task<RunView>> look, Func<bool> isEnded, Task work, CancellationToken cancellation) =>
        ShowAsync(time, look, isEnded, work, Draw, Line, cancellation);

    /// <summary>Shows progress until <paramref name="work"/> has ended, and then its exception if it has one.</summary>
    public static async Task ShowAsync<TView>(
        TimeProvider time,
        Func<CancellationToken, Task<TView>> look,
        Func<bool> isEnded,
        Task work,
        Func<TView, Table> draw,
        Func<TView, string> line,
        CancellationToken cancellation)
    {
        if (IsTerminal)
            await Stderr.Live(new Text("")).AutoClear(false).StartAsync(async live =>
            {
                await RepeatAsync(Redraw, view => live.UpdateTarget(draw(view)));
            });
        else
            await RepeatAsync(NextLine, view => Say(line(view)));
        await work;

        async Task RepeatAsync(TimeSpan interval, Action<TView> show)
        {
            while (!isEnded())
            {
                await Task.WhenAny(work, Task.Delay(interval, time, cancellation));
                show(await look(CancellationToken.None));
            }
        }
    }

    static Table Draw(RunView view)
    {
        var table = new Table().Border(TableBorder.None)
            .AddColumns("feed", "read", "listings", "ready", "photos", "stored", "rejected", "failed", "gate");
        foreach (var feed in view.Feeds)
        {
            var totals = view.Totals.FirstOrDefault(t => t.Feed == feed.Feed);
            var gate = view.ClosedGates.FirstOrDefault(g => Gates.FeedOf(g.Name) == feed.Feed);
            table.AddRow(
                Markup.Escape(feed.Feed),
                Number(feed.Read + feed.Refused),
                Number(totals?.Listings ?? 0),
                Number(totals?.Ready ?? 0),
                Number(totals?.Photos ?? 0),
                Number(totals?.Stored ?? 0),
                Number(totals?.Rejected ?? 0),
                Number(totals?.Failed ?? 0),
                Markup.Escape(feed.Failure is not null ? "unreadable" : gate is null ? "open" : $"closed until {gate.Until:HH:mm:ss}: {gate.Why}"));
        }
        var others = view.ClosedGates.Where(g => Gates.FeedOf(g.Name) is null).Select(g => $"; {g.Name} closed until {g.Until:HH:mm:ss}: {g.Why}");
        table.Caption = new TableTitle(Markup.Escape(Pace(view) + string.Concat(others)));
        return table;
    }

    static string Line(RunView view)
    {
        var gates = view.ClosedGates.Count == 0
            ? ""
            : "; closed: " + string.Join(", ", view.ClosedGates.Select(g => $"{g.Name} until {g.Until:HH:mm:ss} ({g.Why})"));
        return $"{Number(view.Totals.Sum(t => t.Ready))} of {Number(view.Totals.Sum(t => t.Listings))} listings ready, "
            + $"{Number(view.Totals.Sum(t => t.Stored))} of {Number(view.Totals.Sum(t => t.Photos))} photos stored, "
            + $"{Number(view.Totals.Sum(t => t.Rejected))} rejected, {Number(view.Totals.Sum(t => t.Failed))} failed; {Pace(view)}{gates}";
    }

    static string Pace(RunView view) => string.Create(
        CultureInfo.InvariantCulture, $"{view.Numbers.Stored / Math.Max(view.Numbers.Elapsed.TotalSeconds, 0.001):F1} photos/s, {view.Numbers.Elapsed:mm\\:ss}");

    static string Number(int n) => n.ToString("N0", CultureInfo.InvariantCulture);
}
