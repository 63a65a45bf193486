using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

/// <summary>Keeps log lines and lets a test wait for the next.</summary>
sealed class SignallingLog : ILoggerProvider, ILogger
{
    readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    public async Task<string> NextAsync() => await _lines.Reader.ReadAsync();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> format) =>
        _lines.Writer.TryWrite(format(state, exception));

    public void Dispose()
    {
    }
}
