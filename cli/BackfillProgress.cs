using System.Globalization;
using Spectre.Console;

namespace ImagePipeline.Cli;

/// <summary>How a backfill goes, as a row of numbers and as a line.</summary>
static class BackfillProgress
{
    public static Table Draw(BackfillView view)
    {
        var tally = view.Tally;
        var table = new Table().Border(TableBorder.None)
            .AddColumns("listings", "looked at", "backfilled", "announced", "photos rendered", "already there", "left as they are");
        table.AddRow(
            Number(tally.Total), Number(tally.LookedAt), Number(tally.Told), Number(tally.Announced),
            Number(tally.Rendered), Number(tally.AlreadyThere), Number(tally.LeftAsTheyAre));
        table.Caption = new TableTitle(Markup.Escape(Pace(view) + Gates(view)));
        return table;
    }

    public static string Line(BackfillView view)
    {
        var tally = view.Tally;
        return $"{Number(tally.LookedAt)} of {Number(tally.Total)} listings looked at, {Number(tally.Told)} backfilled, {Number(tally.Announced)} announced; "
            + $"{Number(tally.Rendered)} photos rendered, {Number(tally.AlreadyThere)} already there, {Number(tally.LeftAsTheyAre)} left as they are; {Pace(view)}{Gates(view)}";
    }

    static string Pace(BackfillView view) => string.Create(
        CultureInfo.InvariantCulture,
        $"{view.Tally.Rendered / Math.Max(view.Numbers.Elapsed.TotalSeconds, 0.001):F1} photos/s, {view.Numbers.Elapsed:d\\.hh\\:mm\\:ss}");

    static string Gates(BackfillView view) => string.Concat(view.ClosedGates.Select(g => $"; {g.Name} closed until {g.Until:HH:mm:ss}: {g.Why}"));

    static string Number(int n) => n.ToString("N0", CultureInfo.InvariantCulture);
}
