using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace ImagePipeline.TestSupport.Servers;

/// <summary>The HTTP API of a broker's management plugin.</summary>
sealed class ManagementApi : IDisposable
{
    readonly HttpClient _http;

    public ManagementApi(FoundBroker broker)
    {
        _http = new() { BaseAddress = new Uri(broker.Management, "/api/"), Timeout = TimeSpan.FromMinutes(2) };
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{broker.User}:{broker.Password}"));
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
    }

    public async Task<JsonElement> GetAsync(string path) => await _http.GetFromJsonAsync<JsonElement>(path);

    public async Task PutAsync(string path, object body)
    {
        // Buffered: the API takes no chunks.
        using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var answer = await _http.PutAsync(path, content);
        answer.EnsureSuccessStatusCode();
    }

    public async Task DeleteAsync(string path)
    {
        using var answer = await _http.DeleteAsync(path);
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => _http.Dispose();
}
