using System.Text;
using ImagePipeline.PhotoWorker.Fetching;

namespace ImagePipeline.PhotoWorker.Tests.Fetching;

public sealed class FirstBytesTests
{
    [Theory]
    [InlineData("<!DOCTYPE html><html>")]
    [InlineData("\uFEFF\r\n <html>")]
    [InlineData("<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>")]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\">")]
    [InlineData("{\"error\":{\"code\":401}}")]
    [InlineData("Not found")]
    [InlineData("Das Foto wurde gelöscht")]
    [InlineData("%PDF-1.7\n\0\u0001")]
    public void Texts_and_documents_are_no_pictures(string text) => Assert.True(FirstBytes.AreClearlyNoPicture(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Utf16_markup_is_no_picture() =>
        Assert.True(FirstBytes.AreClearlyNoPicture([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("<html>")]));

    [Theory]
    [InlineData("FFD8FFE000104A46494600")]
    [InlineData("89504E470D0A1A0A0000000D49484452")]
    [InlineData("474946383961500032000000")]
    [InlineData("524946462400000057454250565038")]
    [InlineData("49492A0008000000")]
    [InlineData("0000001C66747970617669660000")]
    [InlineData("0102030405")]
    public void Anything_else_may_be_a_picture(string hex) => Assert.False(FirstBytes.AreClearlyNoPicture(Convert.FromHexString(hex)));
}
