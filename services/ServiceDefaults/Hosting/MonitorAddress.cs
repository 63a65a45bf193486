using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ImagePipeline.ServiceDefaults.Hosting;

/// <summary>Where the environment wants health and metrics: ASP.NET Core's own two variables.</summary>
static class MonitorAddress
{
    const string UrlsVariable = "ASPNETCORE_URLS";
    const string PortsVariable = "ASPNETCORE_HTTP_PORTS";

    /// <summary>The addresses, and the setting they come from; null when there is none.</summary>
    /// <exception cref="CannotStartException">The setting is none.</exception>
    public static (string[] Urls, string Said)? Configured(IConfiguration configuration)
    {
        if (configuration[UrlsVariable] is { Length: > 0 } urls)
        {
            string[] all = [.. Parts(urls)];
            return all.Length > 0 && all.All(IsHttp)
                ? (all, $"The environment variable {UrlsVariable} is \"{urls}\"")
                : throw new CannotStartException($"The environment variable {UrlsVariable} is \"{urls}\"; accepted are addresses such as http://*:8080, without https.");
        }
        if (configuration[PortsVariable] is { Length: > 0 } ports)
        {
            string[] all = [.. Parts(ports)];
            return all.Length > 0 && all.All(IsPort)
                ? ([.. all.Select(port => $"http://*:{port}")], $"The environment variable {PortsVariable} is \"{ports}\"")
                : throw new CannotStartException($"The environment variable {PortsVariable} is \"{ports}\"; accepted are ports, 0 to 65535.");
        }
        return null;
    }

    static string[] Parts(string list) => list.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    static bool IsHttp(string url) =>
        Uri.TryCreate(url.Replace("//*", "//any", StringComparison.Ordinal).Replace("//+", "//any", StringComparison.Ordinal), UriKind.Absolute, out var uri)
        && uri.Scheme == Uri.UriSchemeHttp && uri.AbsolutePath == "/";

    static bool IsPort(string port) => ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
