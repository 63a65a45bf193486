using ImagePipeline.PhotoWorker;
using ImagePipeline.PhotoWorker.Imaging;
using ImagePipeline.ServiceDefaults;
using ImagePipeline.ServiceDefaults.Hosting;

// First of all: it bounds how far malloc may spread, which holds only for what does not exist yet.
ImageEngine.Initialize();

return await ServiceHost.RunAsync("PhotoWorker", port: 8082, args, service =>
{
    service.AddBus(bus => bus.AddPhotoWorkerConsumers());
    service.Services.AddPhotoWorker();
    service.Services.AddStoreCheck();
    service.Services.AddCodecCheck();
});
