using System.Collections.Concurrent;
using ImagePipeline.Contracts;
using ImagePipeline.ServiceDefaults.Hosting;
using ImagePipeline.TestSupport;
using MassTransit;

namespace ImagePipeline.Pipeline.Tests.Services;

public sealed class BusReadinessTests
{
    [Fact]
    public async Task An_endpoint_that_a_gate_has_stopped_does_not_count_against_readiness()
    {
        var endpoints = new Endpoints();
        var bus = MassTransit.Bus.Factory.CreateUsingInMemory(transport =>
        {
            transport.ReceiveEndpoint("photo-requested-a", e => e.Handler<PhotoRequested>(_ => Task.CompletedTask));
            transport.ReceiveEndpoint("photo-requested-b", e => e.Handler<PhotoRequested>(_ => Task.CompletedTask));
        });
        using var observing = bus.ConnectReceiveEndpointObserver(endpoints);
        var stopped = new StoppedEndpoints();
        var readiness = new BusReadiness(bus, stopped);
        Assert.Equal(new(false, "No messages come from photo-requested-a, photo-requested-b."), readiness.Check());

        await bus.StartAsync();
        await ChecksAsync(new(true, "2 endpoints take messages."));
        await Eventually.IsSoAsync(() => endpoints.ByQueue.ContainsKey("photo-requested-a"));

        await endpoints.ByQueue["photo-requested-a"].Stop();
        await ChecksAsync(new(false, "No messages come from photo-requested-a."));

        stopped.Add("photo-requested-a");
        await ChecksAsync(new(true, "1 endpoints take messages, 1 wait at a gate."));

        await endpoints.ByQueue["photo-requested-a"].Start().Ready;
        stopped.Remove("photo-requested-a");
        await ChecksAsync(new(true, "2 endpoints take messages."));
        await bus.StopAsync();

        // The bus tells those who observe it a moment after it says that it has started.
        Task ChecksAsync(Finding expected) => Eventually.IsAsync(expected, () => Task.FromResult(readiness.Check()));
    }

    sealed class Endpoints : IReceiveEndpointObserver
    {
        public ConcurrentDictionary<string, IReceiveEndpoint> ByQueue { get; } = new();

        public Task Ready(ReceiveEndpointReady ready)
        {
            ByQueue[ready.InputAddress.Segments[^1]] = ready.ReceiveEndpoint;
            return Task.CompletedTask;
        }

        public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

        public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

        public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;
    }
}
