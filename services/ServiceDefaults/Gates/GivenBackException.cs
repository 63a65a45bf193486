namespace ImagePipeline.ServiceDefaults;

/// <summary>A message that was held goes back to its queue. The entrance of its endpoint sees to that; nobody else needs to know it.</summary>
sealed class GivenBackException(string gate) : Exception($"The gate {gate} is still closed; the message is given back to its queue.");
