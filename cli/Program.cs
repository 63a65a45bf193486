using ImagePipeline.Cli;
using ImagePipeline.Cli.Errors;
using ImagePipeline.PhotoWorker.Imaging;

// First of all: it bounds how far malloc may spread, which holds only for what does not exist yet.
ImageEngine.Initialize();

return await CommandLine.RunAsync(args,
[
    RunCommand.Create(),
    BackfillCommand.Create(),
    ListingCommand.Create(),
    ErrorsCommand.Create(),
    DoctorCommand.Create(),
]);
