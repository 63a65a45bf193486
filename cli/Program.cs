using ImagePipeline.Cli;

return await CommandLine.RunAsync(args,
[
    RunCommand.Create(),
    ListingCommand.Create(),
    DoctorCommand.Create(),
]);
