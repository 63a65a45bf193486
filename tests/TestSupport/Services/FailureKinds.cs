using System.Globalization;

namespace ImagePipeline.TestSupport.Services;

/// <summary>Failures of eleven kinds, each message of a kind with an id, address, number and time of its own in its reason.</summary>
static class FailureKinds
{
    static readonly (string Queue, string Message, string Exception, string Frame, Func<int, string> Reason)[] Kinds =
    [
        ("listing-photos-requested", "ListingPhotosRequested", "System.InvalidOperationException", "ImagePipeline.FeedIngest.ListingRequestConsumer.Consume()", i => $"Listing S{i} of feed \"sample{i}\" cannot be read."),
        ("listing-photos-requested", "ListingPhotosRequested", "System.Net.Http.HttpRequestException", "ImagePipeline.FeedIngest.Feeds.ResoFeed.ReadAsync()", i => $"https://api.example.com/Property('S{i}')?token=secret{i} answered 503."),
        ("listing-photos-requested", "ListingPhotosRequested", "System.Net.Http.HttpRequestException", "ImagePipeline.FeedIngest.Feeds.ResoFeed.ReadAsync()", i => $"https://api.example.com/Property('S{i}')?token=secret{i} answered 404."),
        ("listing-photos-submitted", "ListingPhotosSubmitted", "System.Text.Json.JsonException", "ImagePipeline.FeedIngest.SubmissionConsumer.Consume()", i => $"The JSON value could not be converted to System.Uri. Path: $.photos[{i}].url | LineNumber: {i} | BytePositionInLine: {i * 7}."),
        ("listing-photos-submitted", "ListingPhotosSubmitted", "System.ArgumentException", "ImagePipeline.Contracts.Identity.ListingUid(String feed, String key)", i => $"'feed {i}' is no feed id. (Parameter 'feed')"),
        ("photo-url-expired", "PhotoUrlExpired", "System.TimeoutException", "ImagePipeline.FeedIngest.UrlExpiryConsumer.Consume()", i => $"No answer within {i % 90} s from 10.0.{i % 250}.7:443."),
        ("photo-url-expired", "PhotoUrlExpired", "System.NullReferenceException", "ImagePipeline.FeedIngest.UrlExpiryConsumer.Consume()", _ => "Object reference not set to an instance of an object."),
        ("feed-announcements", "PhotosReady", "System.InvalidOperationException", "ImagePipeline.FeedIngest.AnnouncementConsumer.Consume()", i => $"Row {Guid.NewGuid()} of {TimeProvider.System.GetUtcNow():O} was changed {i} times."),
        ("listing-notifier", "PhotoStored", "MassTransit.SagaException", "ImagePipeline.ListingNotifier.ListingStateMachine.Apply()", i => $"Saga {Guid.NewGuid()} has no photo {i}."),
        ("listing-notifier", "PhotoRejected", "MassTransit.SagaException", "ImagePipeline.ListingNotifier.ListingStateMachine.Apply()", i => $"Saga {Guid.NewGuid()} has no photo {i}."),
        ("listing-notifier", "ListingPhotosChanged", "System.IO.IOException", "ImagePipeline.Storage.Photos.FilePhotoStore.WriteAsync()", i => $"No space left on device : '/photos/{i}/latest.json'"),
    ];

    /// <summary>How many kinds.</summary>
    public static int Count => Kinds.Length;

    /// <summary>The queues they failed on.</summary>
    public static IEnumerable<string> Queues => Kinds.Select(kind => kind.Queue).Distinct();

    /// <summary>So many of one kind.</summary>
    public static IEnumerable<RawFailure> Of(int kind, int count) => Enumerable.Range(0, count).Select(i => new RawFailure
    {
        Queue = Kinds[kind].Queue,
        MessageType = Kinds[kind].Message,
        Message = new { feed = "sample", listingKey = string.Create(CultureInfo.InvariantCulture, $"S{i}") },
        Exception = Kinds[kind].Exception,
        Frame = Kinds[kind].Frame,
        Reason = Kinds[kind].Reason(i + 1),
        At = TimeProvider.System.GetUtcNow().AddMilliseconds(-i),
    });
}
