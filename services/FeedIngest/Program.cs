using ImagePipeline.FeedIngest;
using ImagePipeline.FeedIngest.Feeds;
using ImagePipeline.ServiceDefaults;

return await ServiceHost.RunAsync("FeedIngest", port: 8081, args, service =>
{
    service.AddBus(bus => bus.AddFeedIngestConsumers());
    service.Services.AddFeedIngest();
    service.Services.AddSourceCheck();
});
