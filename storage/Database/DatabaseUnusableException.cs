namespace ImagePipeline.Storage.Database;

/// <summary>The database cannot be used as it is configured. The message is a sentence for a person, without credentials.</summary>
public sealed class DatabaseUnusableException(string message, Exception? cause = null) : Exception(message, cause);
