using ImagePipeline.TestSupport;

[assembly: AssemblyFixture(typeof(PostgresServer))]
