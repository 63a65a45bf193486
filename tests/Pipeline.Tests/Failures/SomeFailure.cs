using System.Text;
using System.Text.Json;
using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Pipeline.Tests.Failures;

/// <summary>Messages that failed, as intake takes them.</summary>
static class SomeFailure
{
    public static readonly DateTimeOffset At = new(2026, 11, 27, 10, 0, 0, TimeSpan.Zero);

    /// <summary>A request for a photo whose consumer threw.</summary>
    public static TakenMessage Photo(int number, string feed = "north-mls", string exception = "System.IO.IOException", string? reason = null, string? listing = null) => new()
    {
        Kind = FailureKind.Error,
        Queue = $"photo-requested-{feed}",
        FoundIn = $"photo-requested-{feed}_error",
        MessageId = $"00000000-0000-0000-0000-{number:d12}",
        ExceptionType = exception,
        Reason = reason ?? $"GET https://media.example/photos/{number}.jpg?sig=SECRET{number} was cut short.",
        StackTrace = $"   at System.IO.Stream.Read(Byte[] buffer)\n   at ImagePipeline.PhotoWorker.Fetching.Download.<ReadAsync>d__3.MoveNext() in /src/Download.cs:line {number}\n",
        FailedAt = At.AddSeconds(number),
        Occurrence = $"{number}",
        IsFirstDelivery = true,
        Body = Request(number, feed, listing ?? $"S{number / 10}"),
    };

    static readonly string[] Types = ["urn:message:ImagePipeline.Contracts:PhotoRequested"];

    static byte[] Request(int number, string feed, string listing) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        messageId = $"00000000-0000-0000-0000-{number:d12}",
        messageType = Types,
        message = new { feed, listingKey = listing, photoId = $"P{number}", sourceUrl = $"https://media.example/photos/{number}.jpg?sig=SECRET{number}" },
        headers = new Dictionary<string, object> { ["MT-Redelivery-Count"] = 5, ["Authorization"] = $"Bearer SECRET{number}" },
    });

    /// <summary>A message that nobody can read.</summary>
    public static TakenMessage Unreadable(int number, byte[] body) => new()
    {
        Kind = FailureKind.Error,
        Queue = "listing-notifier",
        FoundIn = "listing-notifier_error",
        ExceptionType = "System.Runtime.Serialization.SerializationException",
        Reason = "The message cannot be read.",
        FailedAt = At.AddSeconds(number),
        Occurrence = $"{number}",
        IsFirstDelivery = true,
        Body = body,
    };

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
