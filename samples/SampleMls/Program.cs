return await ImagePipeline.SampleMls.CommandLine.RunAsync(args);
