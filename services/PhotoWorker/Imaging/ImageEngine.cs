using System.Runtime.InteropServices;
using NetVips;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>The image library libvips, set up once per process for pictures from strangers.</summary>
public static class ImageEngine
{
    static readonly Lazy<string> Started = new(Start);

    /// <summary>The library's name and version.</summary>
    public static string Version => Started.Value;

    /// <summary>
    /// Sets the library up; safe to call again. Best called first thing in a process: the bound on malloc arenas holds only for arenas that
    /// do not exist yet.
    /// </summary>
    /// <exception cref="InvalidOperationException">The library cannot be used on this machine.</exception>
    public static void Initialize() => _ = Started.Value;

    /// <summary>Encodes a tiny picture and decodes it again: what readiness and <c>doctor</c> should know is whether the codec works.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    public static void SelfTest()
    {
        const int side = 16, grey = 100;

        Initialize();
        try
        {
            using var black = Image.Black(side, side, bands: 3);
            using var tile = black.Linear([1.0], [grey], uchar: true);
            var rendered = new Renderer(RenditionProfile.Default, new RenderingOptions()).Render(tile.JpegsaveBuffer());
            using var back = Image.NewFromBuffer(rendered.Renditions[0].Bytes.Span);
            if (back.Width != side || back.Height != side || Math.Abs(back.Avg() - grey) > 2)
                throw new InvalidOperationException($"{Version} encoded a picture and decoded another.");
        }
        catch (Exception e) when (e is VipsException or RejectedException)
        {
            throw new InvalidOperationException($"{Version} cannot encode and decode a picture.", e);
        }
    }

    static string Start()
    {
        BoundMalloc();
        return StartLibrary();
    }

    /// <summary>Apart from <see cref="Start"/>, because the first touch of NetVips loads the library and its threads.</summary>
    static string StartLibrary()
    {
        if (!ModuleInitializer.VipsInitialized)
        {
            throw new InvalidOperationException(
                "The image library libvips cannot be loaded on this machine; NetVips.Native has it for Linux, macOS and Windows on x64 and arm64.",
                ModuleInitializer.Exception);
        }

        // Many photos at once use the cores better than many threads on one photo, and no photo is ever rendered twice from a cache.
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;

        NetVips.NetVips.BlockUntrusted = true;
        Operation.Block("VipsForeignLoad", true);
        foreach (var loader in (string[])["Jpeg", "Png", "Webp", "Nsgif"])
            Operation.Block($"VipsForeignLoad{loader}", false);

        // The library writes its warnings to stderr without saying whose they are; what matters comes back as an exception.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, static (_, _, _) => { });

        return $"libvips {NetVips.NetVips.Version(0)}.{NetVips.NetVips.Version(1)}.{NetVips.NetVips.Version(2)}";
    }

    /// <summary>
    /// glibc keeps up to eight malloc arenas per core, and what one thread frees in its arena another cannot use: decoding on many threads grows the process
    /// without end. It also moves the size from which memory comes straight from the system, and goes straight back to it, up to 32 MB as it is used, after which
    /// pictures of all sizes leave holes in the arenas. Two arenas and a fixed size take a run's peak from 584 to 300 MB,
    /// and cost no speed where <see cref="PixelBuffer"/> keeps the large pieces. An
    /// operator's own MALLOC_… variables win; without glibc there is nothing to do. (mallopt and not the variables, because glibc reads those before Main.)
    /// </summary>
    static void BoundMalloc()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libc.so.6", out var glibc) || !NativeLibrary.TryGetExport(glibc, "mallopt", out var address))
            return;
        var mallopt = Marshal.GetDelegateForFunctionPointer<Mallopt>(address);
        foreach (var (name, parameter, value) in MallocBounds)
        {
            if (Environment.GetEnvironmentVariable(name) is not { Length: > 0 })
                mallopt(parameter, value);
        }
    }

    static readonly (string Name, int Parameter, int Value)[] MallocBounds =
    [
        ("MALLOC_ARENA_MAX", -8, 2),
        ("MALLOC_MMAP_THRESHOLD_", -3, 128 * 1024),
        ("MALLOC_TRIM_THRESHOLD_", -1, 1024 * 1024),
    ];

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate int Mallopt(int parameter, int value);
}
