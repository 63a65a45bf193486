using ImagePipeline.Storage.Sagas;
using MassTransit;

namespace ImagePipeline.Storage.Tests.Sagas;

/// <summary>The smallest saga that shows a lost update, a double start and a deletion.</summary>
public sealed class CounterState : SagaStateMachineInstance, ISagaVersion
{
    public Guid CorrelationId { get; set; }

    public int Version { get; set; }

    public string CurrentState { get; set; } = "";

    public List<int> Numbers { get; set; } = [];

    public static SagaTableOptions<CounterState> Options(Action<CounterState>? committed = null) => new()
    {
        Table = "counter_saga",
        Columns = new Dictionary<string, Func<CounterState, object?>> { ["numbers"] = s => s.Numbers.Count },
        Committed = committed,
    };
}

public sealed record Added(Guid Id, int Number);

public sealed record Looked(Guid Id);

public sealed record Closed(Guid Id);

public sealed class CounterStateMachine : MassTransitStateMachine<CounterState>
{
    public CounterStateMachine()
    {
        InstanceState(x => x.CurrentState);
        Event(() => Added, e => e.CorrelateById(c => c.Message.Id));
        Event(() => Looked, e =>
        {
            e.CorrelateById(c => c.Message.Id);
            e.ReadOnly = true;
        });
        Event(() => Closed, e => e.CorrelateById(c => c.Message.Id));

        Initially(When(Added).ThenAsync(AddAsync).TransitionTo(Open));
        During(Open, When(Added).ThenAsync(AddAsync), When(Looked).Then(c => c.Saga.Numbers.Add(-1)), When(Closed).Finalize());
        SetCompletedWhenFinalized();
    }

    public State Open { get; private set; } = null!;

    public Event<Added> Added { get; private set; } = null!;

    public Event<Looked> Looked { get; private set; } = null!;

    public Event<Closed> Closed { get; private set; } = null!;

    // Gives way between reading and writing, so that writers really meet.
    static async Task AddAsync(BehaviorContext<CounterState, Added> context)
    {
        await Task.Yield();
        context.Saga.Numbers.Add(context.Message.Number);
    }
}
