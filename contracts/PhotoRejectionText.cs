namespace ImagePipeline.Contracts;

/// <summary>What each rejection is called in front of people.</summary>
public static class PhotoRejectionText
{
    /// <summary>
    /// One sentence that can be shown to anybody: it names no address, number or setting, and is the same for every photo and in every version. What is particular
    /// to one photo stands in its detail.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is of a newer version.</exception>
    public static string Text(this PhotoRejection rejection) => rejection switch
    {
        PhotoRejection.Gone => "The photo no longer exists at its source.",
        PhotoRejection.Refused => "The source does not give out the photo.",
        PhotoRejection.InvalidUrl => "The photo's address is not a web address.",
        PhotoRejection.AddressRefused => "The photo's address is not allowed.",
        PhotoRejection.TooManyRedirects => "The photo's address leads from one place to the next and never to a photo.",
        PhotoRejection.Empty => "The file is empty.",
        PhotoRejection.NotAnImage => "The file is not a picture.",
        PhotoRejection.UnsupportedFormat => "The picture's format is not supported; use JPEG, PNG, WebP or GIF.",
        PhotoRejection.TooManyBytes => "The file is too large.",
        PhotoRejection.TooManyPixels => "The picture is too large: it has too many pixels, frames or scans.",
        PhotoRejection.Truncated => "The file is incomplete.",
        PhotoRejection.Corrupt => "The file is damaged.",
        _ => throw new ArgumentOutOfRangeException(nameof(rejection), rejection, null),
    };
}
