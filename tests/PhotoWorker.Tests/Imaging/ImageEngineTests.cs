using ImagePipeline.PhotoWorker.Imaging;
using NetVips;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

public sealed class ImageEngineTests
{
    [Fact]
    public void The_self_test_passes() => ImageEngine.SelfTest();

    [Fact]
    public void Loaders_for_other_formats_are_shut()
    {
        ImageEngine.Initialize();

        Assert.Throws<VipsException>(() => Image.NewFromBuffer("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>"u8));
    }
}
