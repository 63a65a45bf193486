using System.CommandLine;

namespace ImagePipeline.Cli.Errors;

/// <summary><c>imagepipe errors</c>: what failed for good, and what to do about it.</summary>
static class ErrorsCommand
{
    public static Command Create()
    {
        var command = new Command("errors", "See what failed for good, understand it, and replay it.");
        command.Subcommands.Add(ListCommand.Create());
        command.Subcommands.Add(ShowCommand.Create());
        command.Subcommands.Add(ReplayCommand.Create());
        command.Subcommands.Add(ArchiveCommand.Create());
        command.Subcommands.Add(ArchiveCommand.CreateRestore());
        command.Subcommands.Add(HistoryCommand.Create());
        return command;
    }
}
