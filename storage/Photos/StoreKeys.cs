namespace ImagePipeline.Storage.Photos;

/// <summary>Where everything is kept. No order, address or vendor token is part of a key.</summary>
public static class StoreKeys
{
}
