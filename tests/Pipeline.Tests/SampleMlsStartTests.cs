using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.RegularExpressions;
using ImagePipeline.SampleMls;

namespace ImagePipeline.Pipeline.Tests;

public sealed partial class SampleMlsStartTests
{
    public static TheoryData<SampleMlsOptions, string> Unusable => new()
    {
        { new() { Listings = 0 }, nameof(SampleMlsOptions.Listings) },
        { new() { Width = 8 }, nameof(SampleMlsOptions.Width) },
        { new() { Feed = "My.Feed" }, nameof(SampleMlsOptions.Feed) },
        { new() { Percent503 = 60, PercentReset = 60 }, nameof(SampleMlsOptions.PercentReset) },
        { new() { Listings = 2, TotalPhotos = 259 }, "258" },
        { new() { TotalPhotos = 1, PhotosPerListing = 1 }, "exclude" },
    };

    [Theory]
    [MemberData(nameof(Unusable), DisableDiscoveryEnumeration = true)]
    public async Task Options_out_of_range_are_refused_by_name(SampleMlsOptions options, string named)
    {
        var refused = await Assert.ThrowsAsync<ValidationException>(() => SampleMlsServer.StartAsync(options));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_prints_one_line_that_a_script_can_read()
    {
        var page = Path.GetTempFileName();
        using var program = Start("--listings", "3", "--photos-per-listing", "2", "--width", "32", "--height", "32", "--write-page", page);

        var line = await program.StandardOutput.ReadLineAsync();

        var address = Announcement().Match(line!).Groups[1].Value;
        using var http = new HttpClient();
        Assert.NotEmpty(await http.GetByteArrayAsync($"{address}/photos/S1002/1.jpg"));
        Assert.Contains($"{address}/photos/S1000/0.jpg", await File.ReadAllTextAsync(page), StringComparison.Ordinal);
        program.Kill();
        await program.WaitForExitAsync();
        File.Delete(page);
    }

    [Theory]
    [InlineData("--listing", "3")]
    [InlineData("--listings", "many")]
    [InlineData("--width", "3")]
    public async Task The_program_ends_with_2_and_a_sentence_when_it_cannot_start(params string[] arguments)
    {
        using var program = Start(arguments);

        var problem = await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();

        Assert.Equal(2, program.ExitCode);
        Assert.NotEmpty(problem);
        Assert.DoesNotContain(" at ImagePipeline", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_names_a_port_that_is_in_use()
    {
        await using var mls = await SampleMlsServer.StartAsync(new() { Listings = 1, PhotosPerListing = 0 });
        using var program = Start("--listings", "1", "--photos-per-listing", "0", "--port", $"{mls.Address.Port}");

        var problem = await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();

        Assert.Equal(2, program.ExitCode);
        Assert.Contains($"127.0.0.1:{mls.Address.Port}", problem, StringComparison.Ordinal);
    }

    static Process Start(params string[] arguments)
    {
        var program = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        program.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "SampleMls.dll"));
        foreach (var argument in arguments) program.ArgumentList.Add(argument);
        return Process.Start(program)!;
    }

    [GeneratedRegex(@"^SampleMls serves 3 listings, 6 photos at (http://127\.0\.0\.1:\d+)$")]
    private static partial Regex Announcement();
}
