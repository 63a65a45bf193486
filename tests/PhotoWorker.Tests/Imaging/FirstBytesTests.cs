using System.Text;
using ImagePipeline.Contracts;
using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

public sealed class FirstBytesTests
{
    [Theory]
    [InlineData("<!DOCTYPE html><html>")]
    [InlineData("\uFEFF\r\n <html>")]
    [InlineData("<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>")]
    [InlineData("{\"error\":{\"code\":401}}")]
    [InlineData("Not found")]
    [InlineData("Das Foto wurde gelöscht")]
    [InlineData("\0\u0001\u0002\u0003")]
    public void Texts_pages_and_noise_are_no_pictures(string text) =>
        Assert.Equal(PhotoRejection.NotAnImage, Rejection(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Utf16_markup_is_no_picture() =>
        Assert.Equal(PhotoRejection.NotAnImage, Rejection([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("<html>")]));

    [Theory]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\">")]
    [InlineData("%PDF-1.7\n\0\u0001")]
    [InlineData("II*\0\u0008\0\0\0")]
    [InlineData("\0\0\0\u001Cftypavif\0\0")]
    public void Pictures_that_are_not_accepted_are_told_apart_from_what_is_none(string text) =>
        Assert.Equal(PhotoRejection.UnsupportedFormat, Rejection(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("FFD8FFE000104A46494600", PhotoFormat.Jpeg)]
    [InlineData("89504E470D0A1A0A0000000D49484452", PhotoFormat.Png)]
    [InlineData("474946383961500032000000", PhotoFormat.Gif)]
    [InlineData("524946462400000057454250565038", PhotoFormat.WebP)]
    public void Accepted_pictures_are_recognized(string hex, PhotoFormat format) =>
        Assert.Equal(format, FirstBytes.Recognize(Convert.FromHexString(hex)));

    static PhotoRejection Rejection(byte[] file) => Assert.Throws<RejectedException>(() => FirstBytes.Recognize(file)).Reason;
}
