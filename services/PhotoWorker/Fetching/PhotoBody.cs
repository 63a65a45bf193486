using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>Reads an answer's body into pooled memory, and gives up as soon as it is clear that it will be no photo.</summary>
static class PhotoBody
{
    // Rented before any byte has come: most photos fit, and a lie in Content-Length costs no more than this.
    const int FirstRent = 512 * 1024;

    /// <summary>Reads the whole body; <paramref name="received"/> hears of each piece.</summary>
    public static async Task<FetchedPhoto> ReadAsync(
        HttpResponseMessage answer, string from, int maxBytes, FetchClock clock, Action<int> received)
    {
        var announced = answer.Content.Headers.ContentLength;
        if (announced == 0)
            throw Empty(from);
        if (announced > maxBytes)
            throw TooMany(from, maxBytes);

        var photo = new FetchedPhoto((int)Math.Min(announced ?? FirstRent, FirstRent));
        try
        {
            await FillAsync(photo, answer, from, maxBytes, clock, received);
            if (photo.Bytes.Length < announced)
                throw new FetchFailedException($"{from} ended its answer after {photo.Bytes.Length} of {announced} bytes.", mayHaveBeenSent: true);
            if (photo.Bytes.IsEmpty)
                throw Empty(from);
            FirstBytes.Recognize(photo.Bytes.Span);
            return photo;
        }
        catch
        {
            photo.Dispose();
            throw;
        }
    }

    static async Task FillAsync(FetchedPhoto photo, HttpResponseMessage answer, string from, int maxBytes, FetchClock clock, Action<int> received)
    {
        clock.Reading();
        await using var body = await answer.Content.ReadAsStreamAsync(clock.Token);
        for (var looked = false; ;)
        {
            clock.Reading();
            // One byte over the limit is room enough to see that there are too many.
            var read = await body.ReadAsync(photo.Room(maxBytes + 1), clock.Token);
            received(read);
            photo.Add(read);
            if (photo.Bytes.Length > maxBytes)
                throw TooMany(from, maxBytes);
            if (read == 0)
                return;
            if (!looked && photo.Bytes.Length >= FirstBytes.Enough)
            {
                looked = true;
                FirstBytes.Recognize(photo.Bytes.Span);
            }
        }
    }

    static RejectedException Empty(string from) => new(PhotoRejection.Empty, $"{from} sent an answer without bytes.");

    static RejectedException TooMany(string from, int maxBytes) =>
        new(PhotoRejection.TooManyBytes, $"{from} sent more than the {maxBytes} bytes allowed.");
}
