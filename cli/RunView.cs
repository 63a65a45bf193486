using ImagePipeline.Contracts;
using ImagePipeline.FeedIngest;
using ImagePipeline.ListingNotifier;
using ImagePipeline.ServiceDefaults;

namespace ImagePipeline.Cli;

/// <summary>One look at a run: what the database says of its feeds, how reading them goes, which gates are closed, and the numbers so far.</summary>
sealed record RunView(
    IReadOnlyList<FeedTotals> Totals, IReadOnlyList<FeedStatus> Feeds, IReadOnlyList<ClosedGate> ClosedGates, RunNumbers Numbers);

/// <summary>A photo that is rejected or failed.</summary>
sealed record MissingLine(string Feed, string ListingKey, MissingPhoto Photo);
