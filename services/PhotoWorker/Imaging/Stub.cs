using Microsoft.Extensions.DependencyInjection;
namespace ImagePipeline.PhotoWorker.Imaging;
sealed class RenderingOptions { public int DecodeConcurrency { get; set; } = 2; }
sealed class ProfileOptions { public string Name { get; set; } = "web"; }
sealed class Rendition { public string Name => ""; public string Extension => ""; public string ContentType => ""; }
sealed class RenditionProfile { public IReadOnlyList<Rendition> Renditions => []; public string Key => ""; }
sealed class RenderedRendition { public int Width => 0; public int Height => 0; public byte[] Bytes => []; public string ContentType => ""; }
sealed class RenderedPhoto { public int Width => 0; public int Height => 0; public string ContentType => ""; public string? Copyright => null; public IReadOnlyList<RenderedRendition> Renditions => []; }
sealed class Renderer { public void CheckHeader(ReadOnlyMemory<byte> b) { } public RenderedPhoto Render(ReadOnlyMemory<byte> b) => new(); }
sealed class DecodeSlots { public Task<T> RunAsync<T>(bool urgent, Func<T> work, CancellationToken c) => Task.Run(work, c); }
static class ImageEngine { public static void SelfTest() { } }
static class ImagingSetup { public static IServiceCollection AddImaging(this IServiceCollection s) => s; }
