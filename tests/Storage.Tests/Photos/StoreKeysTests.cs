using ImagePipeline.Storage.Photos;

namespace ImagePipeline.Storage.Tests.Photos;

public sealed class StoreKeysTests
{
    const int Seed = 20_260_523;

    [Fact]
    public void Plain_keys_read_as_they_are_written()
    {
        Assert.Equal("originals/north-1/L-1_a.b~c/photo/2026", StoreKeys.Original("north-1", "L-1_a.b~c", "photo", "2026"));
        Assert.Equal(
            "renditions/f/L/p/v/default-1a2b/w640.jpg", StoreKeys.Rendition("f", "L", "p", "v", "default-1a2b", "w640", "jpg"));
        Assert.Equal("manifests/f/L/12.json", StoreKeys.Manifest("f", "L", 12));
        Assert.Equal("manifests/f/L/latest.json", StoreKeys.LatestManifest("f", "L"));
    }

    [Theory]
    [InlineData("urn:reso:metadata:2.0/x y", "urn%3Areso%3Ametadata%3A2.0%2Fx%20y")]
    [InlineData("100%", "100%25")]
    [InlineData("\u00e4\u20ac", "%C3%A4%E2%82%AC")]
    [InlineData("\ud83c\udfe0", "%F0%9F%8F%A0")]
    [InlineData("a\0b", "a%00b")]
    [InlineData(".", "%2E")]
    [InlineData("..", "%2E%2E")]
    [InlineData(".tmp", "%2Etmp")]
    [InlineData("a..", "a..")]
    public void What_a_feed_says_is_escaped(string part, string escaped) =>
        Assert.Equal($"originals/f/{escaped}/", StoreKeys.OriginalsOf("f", part));

    [Fact]
    public void An_empty_part_is_refused() =>
        Assert.Throws<ArgumentException>(() => StoreKeys.Original("f", "L", "", "v"));

    [Fact]
    public void Half_a_character_is_refused_because_two_of_them_would_be_one_key() =>
        Assert.ThrowsAny<ArgumentException>(() => StoreKeys.Original("f", "L", "\ud83c", "v"));

    [Fact]
    public void A_long_part_is_shortened_to_what_a_file_name_may_have()
    {
        var part = Part(new string('x', 5_000));

        Assert.Equal(200, part.Length);
        Assert.Matches("^x{167}~[0-9a-f]{32}$", part);
        Assert.Equal(new string('x', 200), Part(new string('x', 200)));
    }

    [Fact]
    public void A_long_part_is_not_cut_inside_an_escape() =>
        Assert.All(Enumerable.Range(0, 9), n => Assert.Matches("^x*(%[0-9A-F]{2})*~[0-9a-f]{32}$", Part(new string('x', n) + new string('\u00fc', 300))));

    [Fact]
    public void Long_parts_that_differ_at_their_ends_have_different_keys() =>
        Assert.NotEqual(Part(new string('x', 300) + 1), Part(new string('x', 300) + 2));

    [Fact]
    public void A_part_cannot_pass_for_the_short_form_of_another() =>
        Assert.NotEqual(Part(new string('x', 300)), Part(Part(new string('x', 300))));

    [Fact]
    public void Different_inputs_have_different_keys_and_each_is_legal()
    {
        TestContext.Current.SendDiagnosticMessage($"seed {Seed}");
        var random = new Random(Seed);
        var inputs = new Dictionary<string, (string, string)>();
        for (var n = 0; n < 50_000; n++)
        {
            var input = (AnyPart(random), AnyPart(random));

            var key = StoreKeys.Original("f", input.Item1, input.Item2, "v");

            Assert.True(StoreKeys.IsKey(key), key);
            Assert.All(key.Split('/'), part => Assert.InRange(part.Length, 1, StoreKeys.MaxPartBytes));
            Assert.True(inputs.TryAdd(key, input) || inputs[key] == input, $"seed {Seed}: {input} and {inputs[key]} have one key, {key}");
        }
    }

    static string Part(string mediaKey) => StoreKeys.Original("f", "L", mediaKey, "v").Split('/')[3];

    // Of few different characters, those that escaping, joining and shortening treat in a way of their own, so that near misses abound.
    static string AnyPart(Random random)
    {
        string[] pieces = [".", "/", "%", "~", "2", "E", "a", "%2E", "\u00fc", "\ud83c\udfe0", "\0", new string('x', 199), $"~{new string('0', 32)}"];
        return string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => pieces[random.Next(pieces.Length)]));
    }
}
