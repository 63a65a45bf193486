using ImagePipeline.FeedIngest.Feeds;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagePipeline.FeedIngest.Tests.Feeds;

public sealed class FeedReadingSetupTests
{
    [Fact]
    public async Task The_source_is_registered_with_limits_from_the_configuration()
    {
        await using var services = Services("MaxPages", "7");

        Assert.NotNull(services.GetRequiredService<FeedSource>());
        Assert.Equal(7, services.GetRequiredService<IOptions<FeedReadingOptions>>().Value.MaxPages);
    }

    [Theory]
    [InlineData("MaxPageBytes", "0")]
    [InlineData("MaxLineBytes", "-1")]
    [InlineData("MaxPages", "0")]
    [InlineData("RequestTimeout", "00:00:00")]
    [InlineData("MaxTries", "100")]
    [InlineData("FirstRetryDelay", "00:00:00")]
    [InlineData("LongestRetryDelay", "10.00:00:00")]
    public async Task A_limit_out_of_range_names_its_setting(string name, string value)
    {
        await using var services = Services(name, value);

        var e = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<FeedReadingOptions>>().Value);
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
    }

    static ServiceProvider Services(string name, string value) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { [$"FeedIngest:Reading:{name}"] = value }).Build())
        .AddLogging()
        .AddFeedReading()
        .BuildServiceProvider();
}
