namespace ImagePipeline.Storage.Photos;

/// <summary>The photo store cannot be used as it is configured. The message is a sentence for a person.</summary>
public sealed class StoreUnusableException(string message, Exception? cause = null) : Exception(message, cause);
