using System.Globalization;

namespace ImagePipeline.Benchmarks;

/// <summary><c>--name number</c> pairs.</summary>
sealed class BenchmarkArguments(string[] arguments)
{
    public int Number(string name, int otherwise)
    {
        var at = Array.IndexOf(arguments, $"--{name}");
        if (at < 0)
            return otherwise;
        return at + 1 < arguments.Length && int.TryParse(arguments[at + 1], CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"--{name} takes a whole number above 0.");
    }
}
