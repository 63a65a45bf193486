namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>The formats that are accepted as originals.</summary>
public enum PhotoFormat
{
    /// <summary>JPEG, baseline or progressive.</summary>
    Jpeg,

    /// <summary>PNG; of an animated one the still picture.</summary>
    Png,

    /// <summary>WebP; of an animated one the first frame.</summary>
    WebP,

    /// <summary>GIF; the first frame.</summary>
    Gif,
}
