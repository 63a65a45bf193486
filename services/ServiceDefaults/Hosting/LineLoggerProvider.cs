using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using ImagePipeline.Storage.Database;
using ImagePipeline.Storage.Photos;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.ServiceDefaults.Hosting;

/// <summary>
/// Log messages as lines on stdout: time in UTC, level, category, message. What is expected to go wrong (network, disk, database) is told by its messages
/// alone; anything else has its stack, in the same line.
/// </summary>
[ProviderAlias("Console")]
sealed class LineLoggerProvider(TimeProvider time) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName[(categoryName.LastIndexOf('.') + 1)..], time);

    public void Dispose()
    {
    }

    /// <summary>One message as one line.</summary>
    internal static string Line(DateTimeOffset at, LogLevel level, string category, string message, Exception? exception)
    {
        var told = exception is null ? message : $"{message}{(message.EndsWith('.') ? " " : ": ")}{Told(exception)}";
        return string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Name(level)} {category}: {told}").ReplaceLineEndings(" | ");
    }

    static string Told(Exception exception) => IsExpected(exception) ? Messages(exception) : exception.ToString();

    static string Messages(Exception exception) =>
        exception.InnerException is { } inner && !exception.Message.Contains(inner.Message, StringComparison.Ordinal)
            ? $"{exception.Message} ({Messages(inner)})"
            : exception.Message;

    static bool IsExpected(Exception exception) => exception
        is DbException or IOException or SocketException or HttpRequestException or TimeoutException or OperationCanceledException or UnauthorizedAccessException
        or ConnectionException or DatabaseUnusableException or StoreUnusableException or RabbitMQ.Client.Exceptions.RabbitMQClientException;

    static string Name(LogLevel level) => level switch
    {
        LogLevel.Critical => "critical",
        LogLevel.Error => "error",
        LogLevel.Warning => "warning",
        LogLevel.Information => "info",
        LogLevel.Debug => "debug",
        _ => "trace",
    };

    sealed class LineLogger(string category, TimeProvider time) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // The same exception comes out of the host, and is told there: as a sentence, or as the end of the process.
            if (eventId.Name == "HostedServiceStartupFaulted")
                return;
            // Straight to stdout, which is its own lock: nothing is lost when the process ends at once.
            Console.Out.WriteLine(Line(time.GetUtcNow(), logLevel, category, formatter(state, exception), exception));
        }
    }
}
