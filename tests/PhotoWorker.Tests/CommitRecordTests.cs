using System.Text;
using ImagePipeline.Storage.Photos;

namespace ImagePipeline.PhotoWorker.Tests;

public sealed class CommitRecordTests(ITestOutputHelper output)
{
    // The most a profile may have.
    const int MaxRenditions = 16;

    [Fact]
    public void A_record_reads_back_as_it_was_written()
    {
        var record = Record("© 2026 Müller & Søn, \"Fotos\" <best>");

        AssertSame(record, CommitRecord.Parse(record.ToText()));
    }

    [Fact]
    public void A_photo_without_copyright_has_none_when_it_is_read_back() => Assert.Null(CommitRecord.Parse(Record(null).ToText()).Copyright);

    [Fact]
    public void Whatever_the_copyright_says_a_record_fits_into_a_commit_mark_and_reads_back()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 2_000; i++)
        {
            var copyright = SomeText(random);
            var record = Record(copyright);

            var text = record.ToText();

            Assert.True(text.All(c => c is >= ' ' and <= '~'), text);
            Assert.InRange(text.Length, 1, ObjectFacts.MaxRecordBytes);
            AssertSame(record, CommitRecord.Parse(text));
            Assert.StartsWith(record.Copyright!, copyright, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_copyright_is_only_cut_when_it_is_long()
    {
        var copyright = string.Concat(Enumerable.Repeat("ö", 160));

        Assert.Equal(copyright, Record(copyright).Copyright);
        Assert.True(Record(copyright + copyright).Copyright!.Length >= 100);
    }

    static CommitRecord Record(string? copyright) => new()
    {
        Width = int.MaxValue,
        Height = int.MaxValue,
        Bytes = long.MaxValue,
        ContentType = "image/jpeg",
        Sha256 = new string('f', 64),
        Copyright = copyright,
        Renditions = [.. Enumerable.Range(1, MaxRenditions).Select(n => new CommitRecord.Rendition(16_383, 16_383, 99_999_000 + n))],
    };

    static string SomeText(Random random)
    {
        var text = new StringBuilder();
        for (var left = random.Next(1, 600); left > 0; left--)
        {
            text.Append(random.Next(4) switch
            {
                0 => (char)random.Next(' ', 0x80),
                1 => (char)random.Next(0x80, 0x800),
                2 => (char)random.Next(0x800, 0xD800),
                _ => "",
            });
            if (random.Next(4) == 0)
                text.Append(new Rune(random.Next(0x1_0000, 0x11_0000)));
        }
        return text.Append('.').ToString();
    }

    static void AssertSame(CommitRecord expected, CommitRecord actual)
    {
        Assert.Equal(expected with { Renditions = [] }, actual with { Renditions = [] });
        Assert.Equal(expected.Renditions, actual.Renditions);
    }
}
