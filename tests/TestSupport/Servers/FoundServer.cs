namespace ImagePipeline.TestSupport.Servers;

/// <summary>A server that tests may use.</summary>
/// <param name="Address">How to reach it, in the form its clients take.</param>
/// <param name="StopAsync">What ends it; does nothing for one that was there before.</param>
/// <param name="IsShared">Whether others use it too, so that what tests made in it has to be removed.</param>
record FoundServer(string Address, Func<ValueTask> StopAsync, bool IsShared = false);

/// <summary>There is no server in this way; the message says why, for a person, and the next way is tried.</summary>
sealed class NoServerException(string message, Exception? cause = null) : Exception(message, cause);
