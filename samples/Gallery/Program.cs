using ImagePipeline.Gallery;

if (args is not [var store, var output])
{
    await Console.Error.WriteLineAsync("Usage: Gallery STORE-FOLDER OUTPUT.html");
    return 2;
}

try
{
    var listings = await StoreFolder.ReadAsync(store);
    await Page.WriteAsync(listings, store, output);
    Console.WriteLine($"{output} shows {listings.Count} listings, {listings.Sum(listing => listing.Photos.Count)} photos");
    return 0;
}
catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or InvalidDataException)
{
    await Console.Error.WriteLineAsync($"Gallery: {problem.Message}");
    return problem is DirectoryNotFoundException ? 2 : 1;
}
