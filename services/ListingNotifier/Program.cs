using ImagePipeline.ListingNotifier;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.ServiceDefaults.Hosting;

return await ServiceHost.RunAsync("ListingNotifier", port: 8083, args, service =>
{
    service.AddBus(bus => bus.AddListingSaga());
    service.Services.AddListingNotifier();
    service.Services.AddStoreCheck();
});
