using ImagePipeline.Contracts;

namespace ImagePipeline.TestSupport.Pictures;

/// <summary>A file that is not what it should be, and what has to become of it.</summary>
/// <param name="Kind">What is wrong with it.</param>
/// <param name="Name">Its kind, and which of them.</param>
/// <param name="File">The bytes.</param>
/// <param name="Rejections">The one way in which it is refused; more where what is read first decides; none when its picture has to be shown.</param>
public sealed record BadImage(string Kind, string Name, byte[] File, params PhotoRejection[] Rejections)
{
    /// <summary>The size of the picture that has to be shown; 0 where it is rejected.</summary>
    public (int Width, int Height) Size { get; init; }

    /// <summary>Whether the picture is <see cref="BadImages.Quadrants"/>, so that its colours can be looked at.</summary>
    public bool ShowsQuadrants { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
