using System.Data.Common;
using System.Net.Sockets;
using ImagePipeline.Storage.Database;

namespace ImagePipeline.ServiceDefaults.Hosting;

/// <summary>Whether the database answers.</summary>
static class DatabaseReadiness
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static async Task<Finding> CheckAsync(PipelineDatabase database, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            await using var connection = await database.Ungated.OpenConnectionAsync(limit.Token);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT 1";
            await command.ExecuteScalarAsync(limit.Token);
            return new(true, $"The database {database.Name} answers.");
        }
        catch (Exception e) when (e is DbException or SocketException or IOException or TimeoutException)
        {
            return new(false, $"The database {database.Name} cannot be used: {e.Message.TrimEnd('.')}.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(false, $"The database {database.Name} does not answer within {Patience.TotalSeconds:0} s.");
        }
    }
}
