using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.PhotoWorker.Fetching;

/// <summary>Reads an answer's body piece by piece, as there is room for it, and gives up as soon as it is clear that it will be no photo.</summary>
static class PhotoBody
{
    // Doubled as it fills, so that a length that is a lie costs no more than this.
    const int FirstRoom = 128 * 1024;

    // Taken from the bytes in flight at once: small, so that a slow server holds little that it has not sent, and large enough to ask seldom.
    const int Piece = FirstRoom;

    /// <summary>Reads the whole body; <paramref name="held"/> is the photo's from then on, and <paramref name="received"/> hears of each piece.</summary>
    public static async Task<FetchedPhoto> ReadAsync(
        HttpResponseMessage answer, string from, int maxBytes, HeldBytes held, FetchClock clock, Action<int> received)
    {
        var announced = answer.Content.Headers.ContentLength;
        if (announced == 0)
            throw Empty(from);
        if (announced > maxBytes)
            throw TooMany(from, maxBytes);

        var photo = new FetchedPhoto((int)Math.Min(announced ?? FirstRoom, FirstRoom), held);
        try
        {
            await FillAsync(photo, answer, from, maxBytes, clock, received);
            photo.End();
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
        for (var looked = false; photo.Bytes.Length != answer.Content.Headers.ContentLength;)
        {
            // One byte over the limit is room enough to see that there are too many.
            var room = await photo.RoomAsync((int)(answer.Content.Headers.ContentLength ?? maxBytes + 1), Piece, clock.PausedAsync, clock.Token);
            clock.Reading();
            var read = await body.ReadAsync(room, clock.Token);
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
