using ImagePipeline.PhotoWorker.Fetching;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

public sealed class FetchingOptionsTests
{
    [Fact]
    public void Settings_come_from_their_section()
    {
        var options = Read(("DownloadConcurrency", "12"), ("IdleReadTimeout", "00:00:03"), ("AllowedPrivateHosts:0", "127.0.0.1"));

        Assert.Equal((12, TimeSpan.FromSeconds(3)), (options.DownloadConcurrency, options.IdleReadTimeout));
        Assert.Equal(["127.0.0.1"], options.AllowedPrivateHosts);
    }

    [Fact]
    public void The_defaults_are_valid() => Assert.Equal(512, Read().DownloadConcurrency);

    [Theory]
    [InlineData("DownloadConcurrency", "0")]
    [InlineData("DownloadConcurrency", "4097")]
    [InlineData("MaxBytes", "0")]
    [InlineData("ConnectTimeout", "00:00:00")]
    [InlineData("HeadersTimeout", "-00:00:01")]
    [InlineData("IdleReadTimeout", "01:00:00")]
    [InlineData("TotalTimeout", "1.00:00:00")]
    [InlineData("MaxRedirects", "-1")]
    [InlineData("UserAgent", "")]
    public void A_setting_out_of_range_is_named(string setting, string value)
    {
        var invalid = Assert.Throws<OptionsValidationException>(() => Read((setting, value)));

        Assert.Contains(setting, invalid.Message, StringComparison.Ordinal);
    }

    static FetchingOptions Read(params (string Setting, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(pair => $"PhotoWorker:Fetching:{pair.Setting}", pair => (string?)pair.Value))
            .Build();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddFetching().BuildServiceProvider();
        return services.GetRequiredService<IOptions<FetchingOptions>>().Value;
    }
}
