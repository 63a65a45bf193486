using System.Diagnostics.Metrics;
using ImagePipeline.Contracts;
using MassTransit;

namespace ImagePipeline.PhotoWorker;

/// <summary>What happens to photos, counted.</summary>
sealed class PhotoMetrics(IMeterFactory meters)
{
    readonly Counter<long> _photos = meters.Create("ImagePipeline.PhotoWorker").CreateCounter<long>(
        "imagepipe.photos", "{photo}", "Outcomes of photo requests, by feed and outcome");

    readonly Counter<long> _retries = meters.Create("ImagePipeline.PhotoWorker").CreateCounter<long>(
        "imagepipe.photos.retries", "{try}", "Further tries of photo requests, by feed");

    public void Stored(PhotoStored stored) => _photos.Add(
        1, new("feed", stored.Feed), new("outcome", stored.AlreadyStored ? "already_stored" : "stored"));

    public void Rejected(PhotoRequested request, PhotoRejection reason) => _photos.Add(
        1, new("feed", request.Feed), new("outcome", "rejected"), new("reason", reason.ToString()));

    public void Failed(PhotoRequested request) => _photos.Add(1, new("feed", request.Feed), new("outcome", "failed"));

    public void Retried(PhotoRequested request) => _retries.Add(1, new KeyValuePair<string, object?>("feed", request.Feed));
}

/// <summary>Counts the photos that have failed: of each, after its last try, the bus tells once.</summary>
sealed class FailedPhotos(PhotoMetrics metrics) : IPublishObserver
{
    public Task PrePublish<T>(PublishContext<T> context)
        where T : class
    {
        // First, as everywhere: whoever hears of it finds it counted.
        if (context is PublishContext<Fault<PhotoRequested>> { Message.Message: var request })
            metrics.Failed(request);
        return Task.CompletedTask;
    }

    public Task PostPublish<T>(PublishContext<T> context)
        where T : class => Task.CompletedTask;

    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class => Task.CompletedTask;
}
