using System.Globalization;
using ImagePipeline.SampleMls.Listings;
using ImagePipeline.SampleMls.Pictures;

namespace ImagePipeline.SampleMls.Photos;

/// <summary><c>GET /photos/{listing}/{number}.jpg</c>: the photo, late or never as the faults will have it.</summary>
sealed class PhotoEndpoint(Catalog catalog, Faults faults, Traffic traffic, SampleMlsOptions options, TimeProvider time)
{
    static readonly ReadOnlyMemory<byte> Page =
        "<!DOCTYPE html><html><head><title>Photo unavailable</title></head><body><h1>We are working on it</h1></body></html>\n"u8.ToArray();

    public async Task ServeAsync(HttpContext context)
    {
        var listing = (string)context.Request.RouteValues["listing"]!;
        var number = int.Parse((string)context.Request.RouteValues["number"]!, CultureInfo.InvariantCulture);
        var name = $"{listing}/{number}";
        var attempt = traffic.Arrived(name);
        try
        {
            if (faults.Latency(name, attempt) is var latency && latency > TimeSpan.Zero)
                await Task.Delay(latency, time, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            traffic.Answered(PhotoAnswer.Abandoned);
            return;
        }

        var photo = catalog.Find(listing, number);
        var answer = photo is null ? PhotoAnswer.NotFound : faults.Decide(name, attempt);
        traffic.Answered(answer);
        await AnswerAsync(context, answer, photo?.Picture);
    }

    async Task AnswerAsync(HttpContext context, PhotoAnswer answer, Picture? picture)
    {
        var response = context.Response;
        switch (answer)
        {
            case PhotoAnswer.Unavailable:
                response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                break;
            case PhotoAnswer.TooManyRequests:
                response.StatusCode = StatusCodes.Status429TooManyRequests;
                response.Headers.RetryAfter = options.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
                break;
            case PhotoAnswer.NotFound:
                response.StatusCode = StatusCodes.Status404NotFound;
                break;
            case PhotoAnswer.Html:
                response.ContentType = "text/html; charset=utf-8";
                response.ContentLength = Page.Length;
                await response.BodyWriter.WriteAsync(Page, context.RequestAborted);
                break;
            case PhotoAnswer.Reset:
                await SendAsync(context, picture!, picture!.Length / 2);
                context.Abort();
                break;
            case PhotoAnswer.Truncated:
                // The server notices that bytes are missing and ends the connection in an orderly way: what the client must notice, too.
                await SendAsync(context, picture!, picture!.Length / 2);
                break;
            default:
                await SendAsync(context, picture!, picture!.Length);
                break;
        }
    }

    static async Task SendAsync(HttpContext context, Picture picture, int bytes)
    {
        context.Response.ContentType = "image/jpeg";
        context.Response.ContentLength = picture.Length;
        foreach (var part in (ReadOnlyMemory<byte>[])[picture.Before, picture.Label, picture.After])
        {
            var sent = part[..Math.Min(part.Length, bytes)];
            bytes -= sent.Length;
            if (!sent.IsEmpty) await context.Response.BodyWriter.WriteAsync(sent, context.RequestAborted);
        }
    }
}
