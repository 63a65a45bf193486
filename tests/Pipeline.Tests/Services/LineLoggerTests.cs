using ImagePipeline.ServiceDefaults.Hosting;
using Microsoft.Extensions.Logging;

namespace ImagePipeline.Pipeline.Tests.Services;

public sealed class LineLoggerTests
{
    static readonly DateTimeOffset At = new(2026, 11, 23, 14, 5, 6, 70, TimeSpan.FromHours(2));

    [Fact]
    public void A_message_is_a_line_with_its_time_in_UTC() =>
        Assert.Equal("2026-11-23T12:05:06.070Z info Lanes: Lane a is | taken up", LineLoggerProvider.Line(At, LogLevel.Information, "Lanes", "Lane a is\ntaken up", null));

    [Fact]
    public void What_is_expected_to_go_wrong_is_told_without_a_stack()
    {
        var failed = Thrown(new IOException("Broken pipe", new TimeoutException("Nothing came")));

        Assert.Equal("2026-11-23T12:05:06.070Z warning Bus: It failed: Broken pipe (Nothing came)", LineLoggerProvider.Line(At, LogLevel.Warning, "Bus", "It failed", failed));
    }

    [Fact]
    public void A_defect_has_its_stack_in_the_same_line()
    {
        var line = LineLoggerProvider.Line(At, LogLevel.Error, "Bus", "It failed.", Thrown(new InvalidOperationException("Two of them")));

        Assert.StartsWith("2026-11-23T12:05:06.070Z error Bus: It failed. System.InvalidOperationException: Two of them |    at ", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
