using ImagePipeline.Storage.Photos;

namespace ImagePipeline.Storage.Tests.Photos;

public sealed class MemoryReaderTests
{
    [Fact]
    public async Task It_reads_the_same_as_a_stream_of_an_array_from_wherever_it_is_put()
    {
        var bytes = Enumerable.Range(0, 1_000).Select(i => (byte)(i % 251)).ToArray();
        await using var reader = new MemoryReader(bytes);
        foreach (var from in (int[])[0, 1, 999, 1_000])
        {
            reader.Position = from;
            using var read = new MemoryStream();
            await reader.CopyToAsync(read, 64, CancellationToken.None);

            Assert.Equal(bytes[from..], read.ToArray());
        }
        Assert.Equal((1_000, 990), (reader.Length, reader.Seek(-10, SeekOrigin.End)));
    }
}
