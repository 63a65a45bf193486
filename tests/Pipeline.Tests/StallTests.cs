using ImagePipeline.Cli;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Time.Testing;

namespace ImagePipeline.Pipeline.Tests;

public sealed class StallTests
{
    static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(5);

    readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    readonly Stall _stall;

    public StallTests() => _stall = new Stall(GiveUpAfter, _time);

    [Fact]
    public void A_run_in_which_nothing_moves_ends()
    {
        _time.Advance(GiveUpAfter - TimeSpan.FromSeconds(1));
        _stall.Look(1, Numbers(gets: 1), []);
        _time.Advance(GiveUpAfter - TimeSpan.FromSeconds(1));
        _stall.Look(1, Numbers(gets: 1), []);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Throws<RunBrokenException>(() => _stall.Look(1, Numbers(gets: 1), []));
    }

    [Fact]
    public void A_vendor_that_asks_to_wait_is_waited_for()
    {
        var closed = Closed(Gates.Feed("acme"));
        for (var minutes = 0; minutes < 300; minutes++)
        {
            _stall.Look(1, Numbers(gets: 1), [closed]);
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Theory]
    [InlineData(Gates.Store)]
    [InlineData(Gates.Database)]
    public void A_run_whose_store_or_database_does_not_come_back_ends_and_says_why(string gate)
    {
        var closed = Closed(gate);
        _time.Advance(GiveUpAfter - TimeSpan.FromSeconds(1));
        _stall.Look([closed]);

        _time.Advance(TimeSpan.FromSeconds(1));
        var broken = Assert.Throws<RunBrokenException>(() => _stall.Look([closed]));

        Assert.Equal("The disk is full, for 00:05:00 now (setting Run:GiveUpAfter)", broken.Message);
    }

    [Fact]
    public void How_long_a_gate_was_closed_before_the_run_does_not_count()
    {
        _stall.Look([Closed(Gates.Store) with { Since = _time.GetUtcNow().AddHours(-1) }]);
    }

    ClosedGate Closed(string gate) => new(gate, _time.GetUtcNow(), _time.GetUtcNow().AddSeconds(1), "The disk is full.");

    static RunNumbers Numbers(long gets) => new()
    {
        Gets = gets,
        Retries = 0,
        BytesDownloaded = 0,
        BytesStored = 0,
        Puts = 0,
        Stored = 0,
        Elapsed = TimeSpan.Zero,
        Cpu = TimeSpan.Zero,
        PeakRssBytes = 0,
    };
}
