using System.Diagnostics;
using System.Globalization;

namespace ImagePipeline.Benchmarks;

/// <summary>The product's programs, each as its own process.</summary>
static class Programs
{
    public static Process Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    public static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);
}
