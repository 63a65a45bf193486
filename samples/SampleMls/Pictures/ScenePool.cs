using System.Collections.Concurrent;

namespace ImagePipeline.SampleMls.Pictures;

/// <summary>The scenes, each drawn once, when first needed. Safe for concurrent use.</summary>
sealed class ScenePool(SampleMlsOptions options)
{
    static readonly SceneKind[] Tour =
    [
        SceneKind.FrontOfStructure, SceneKind.LivingRoom, SceneKind.Kitchen, SceneKind.DiningRoom, SceneKind.Bedroom, SceneKind.Bathroom,
        SceneKind.BackOfStructure,
    ];

    readonly ConcurrentDictionary<(SceneKind Kind, int Variant), Lazy<Scene>> _scenes = [];

    /// <summary>What a listing's photo of a number shows, and how many of the same kind come before it. The first is the front.</summary>
    public static (SceneKind Kind, int Which) KindOf(int number) => (Tour[number % Tour.Length], number / Tour.Length);

    /// <summary>Draws what listings with so many photos need, on all cores.</summary>
    public void Draw(IEnumerable<(string Listing, int Photos)> listings)
    {
        var needed = listings.SelectMany(listing => Enumerable.Range(0, listing.Photos).Select(number => Pick(listing.Listing, number, version: 1)));
        Parallel.ForEach(needed.ToHashSet(), scene => Find(scene));
    }

    /// <summary>A photo with its name written into it; a later version shows another scene.</summary>
    public Picture Photo(string listing, int number, int version) =>
        Find(Pick(listing, number, version)).Photo($"LISTING {listing} PHOTO {number}{(version == 1 ? "" : $" V{version}")}");

    // The photos of one listing that show the same kind of scene show different ones as long as there are any.
    (SceneKind Kind, int Variant) Pick(string listing, int number, int version)
    {
        var (kind, which) = KindOf(number);
        var first = (int)(Dice.Once(options.Seed, listing, (int)kind) * options.ScenesPerKind);
        return (kind, (first + which + version - 1) % options.ScenesPerKind);
    }

    Scene Find((SceneKind Kind, int Variant) scene) => _scenes.GetOrAdd(scene, key => new Lazy<Scene>(() => Draw(key.Kind, key.Variant))).Value;

    Scene Draw(SceneKind kind, int variant) => Scene.Draw(kind, options.Seed * 1000 + variant, options.Width, options.Height);
}
