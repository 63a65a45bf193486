using System.Text;
using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Storage.Tests.Failures;

static class Some
{
    public const string Queue = "photo-requested-acme";

    public static readonly DateTimeOffset Then = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    /// <summary>A message as the bus has written it into an error queue.</summary>
    public static TakenMessage Taken(
        string? messageId = "11110000-0000-0000-0000-000000000001", string reason = "No.", string occurrence = "1", string queue = Queue, string feed = "acme", string listing = "S1",
        DateTimeOffset? failedAt = null, string? exception = "System.InvalidOperationException", string? stack = null) => new()
        {
            Kind = FailureKind.Error,
            Queue = queue,
            FoundIn = $"{queue}_error",
            ExceptionType = exception,
            Reason = reason,
            StackTrace = stack,
            FailedAt = failedAt ?? Then,
            Occurrence = occurrence,
            IsFirstDelivery = true,
            Properties = Encoding.UTF8.GetBytes("{}"),
            Body = Encoding.UTF8.GetBytes(Envelope(messageId, feed, listing)),
        };

    /// <summary>An envelope of MassTransit.</summary>
    public static string Envelope(string? messageId, string feed = "acme", string listing = "S1", string headers = "{}") => $$"""
        {
          {{(messageId is null ? "" : $"\"messageId\": \"{messageId}\",")}}
          "messageType": ["urn:message:ImagePipeline.Contracts:PhotoRequested"],
          "message": { "feed": "{{feed}}", "listingKey": "{{listing}}", "photoId": "9f0c" },
          "headers": {{headers}}
        }
        """;
}
