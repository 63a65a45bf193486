namespace ImagePipeline.TestSupport.Servers;

/// <summary>A RabbitMQ broker that tests may use.</summary>
/// <param name="Address">Where it is and who may use it, as <c>amqp://user:password@host:port</c>.</param>
/// <param name="Management">Where its management API is.</param>
/// <param name="StopAsync">What ends it; does nothing for one that was there before.</param>
/// <param name="ControlAsync">What runs a command of <c>rabbitmqctl</c> in it; null for one that was there before, which is not ours to control.</param>
sealed record FoundBroker(string Address, Uri Management, Func<ValueTask> StopAsync, Func<string[], Task>? ControlAsync)
    : FoundServer(Address, StopAsync, IsShared: ControlAsync is null)
{
    public Uri Amqp { get; } = new(Address);

    public string User => Credential(0);

    public string Password => Credential(1);

    string Credential(int part) => Uri.UnescapeDataString(Amqp.UserInfo.Split(':', 2) is { Length: 2 } both ? both[part] : "guest");
}
