using Microsoft.Extensions.Logging;

namespace ImagePipeline.Cli;

/// <summary>Log messages as sentences on stderr, above the live display, without categories and stacks.</summary>
sealed class SentenceLoggerProvider : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new SentenceLogger();

    public void Dispose()
    {
    }

    sealed class SentenceLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var sentence = formatter(state, exception);
            RunProgress.Say(exception is null ? sentence : $"{sentence}: {exception.Message}");
        }
    }
}
