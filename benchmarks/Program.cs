using ImagePipeline.Benchmarks;

try
{
    return args switch
    {
        ["rendering", .. var rest] => RenderingBenchmark.Run(rest),
        ["pipeline", .. var rest] => await PipelineBenchmark.RunAsync(rest),
        ["slow-lane", .. var rest] => await SlowLaneBenchmark.RunAsync(rest),
        ["memory", .. var rest] => await MemoryBenchmark.RunAsync(rest),
        ["hostile", .. var rest] => await HostileBenchmark.RunAsync(rest),
        ["mutations", .. var rest] => await MutationBenchmark.RunAsync(rest),
        ["mutations-child", .. var rest] => MutationBenchmark.RunChild(rest),
        ["urgent", .. var rest] => await UrgentBenchmark.RunAsync(rest),
        ["puts", .. var rest] => await PutsBenchmark.RunAsync(rest),
        ["errors", .. var rest] => await ErrorsBenchmark.RunAsync(rest),
        ["errors-kills", .. var rest] => await ErrorsKillsBenchmark.RunAsync(rest),
        ["puts-server"] => await PutsBenchmark.ServeAsync(),
        _ => throw new ArgumentException(
            "Name a benchmark: rendering [--width 2048] [--height 1536] [--quality 87] [--photos 120] [--threads CORES], "
            + "pipeline [--width 1024] [--height 768] [--photos 2000], "
            + "slow-lane [--width 320] [--height 240] [--photos 2000] [--slow-ms 10000], "
            + "memory [--width 2048] [--height 1536] [--photos 2000] [--rounds 3] [--latency-ms 1000] [--feeds 1], "
            + "hostile [--good 2000] [--bad 2000], mutations [--cases 50000] [--seed RANDOM] [--first 1], "
            + "urgent [--backlog 20000] [--rounds 5] [--width 1024] [--height 768], "
            + "puts [--puts 3000] [--bytes 150000], "
            + "errors [--messages 5000] [--listings 40] [--rate 200] [--kills 0] [--seed RANDOM], errors-kills [--kills 30] [--seed RANDOM]."),
    };
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
