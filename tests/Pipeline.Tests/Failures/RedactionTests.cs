using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Pipeline.Tests.Failures;

public sealed class RedactionTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("GET https://media.example/photos/1.jpg?sig=a1b2 answered 403.", "GET https://media.example/… answered 403.")]
    [InlineData("(see https://media.example/a/b).", "(see https://media.example/…).")]
    [InlineData("https://media.example", "https://media.example")]
    [InlineData("https://media.example:8443/", "https://media.example:8443/…")]
    [InlineData("amqp://user:p@ss@broker:5672/vhost", "amqp://broker:5672/…")]
    [InlineData("Host=db;Username=imagepipe;Password=hunter2;Port=5432", "Host=db;Username=imagepipe;Password=…;Port=5432")]
    [InlineData("Authorization: Bearer abc.def.ghi", "Authorization: …")]
    [InlineData("GET /1.jpg?st=1&e=2&h=abc: no.", "GET /1.jpg?… no.")]
    [InlineData("'1.jpg?tk=abc&nonce=d' is no URL.", "'1.jpg?…' is no URL.")]
    [InlineData("Set hdnea=exp=1~acl=/*~hmac=abc.", "Set hdnea=…")]
    [InlineData("Why? a=b", "Why? a=b")]
    [InlineData("The token has expired.", "The token has expired.")]
    [InlineData("'{' is an invalid start of a property name. Path: $ | LineNumber: 0 | BytePositionInLine: 1.", "'{' is an invalid start of a property name. Path: $ | LineNumber: 0 | BytePositionInLine: 1.")]
    [InlineData("The store said 503 for originals/north-mls/S1000/M1.", "The store said 503 for originals/north-mls/S1000/M1.")]
    public void Text_keeps_what_helps_and_loses_what_is_secret(string text, string shown) => Assert.Equal(shown, Redaction.Text(text));

    [Fact]
    public void No_secret_is_left_wherever_it_stands_and_what_is_redacted_stays_as_it_is()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 5_000; i++)
        {
            var secret = Secret(random);
            var template = Templates[random.Next(Templates.Length)];
            var text = Noise(random) + template.Replace("SECRET", secret, StringComparison.Ordinal) + Noise(random);

            var shown = Redaction.Text(text);

            Assert.False(shown.Contains(secret, StringComparison.Ordinal), $"\"{text}\" is shown as \"{shown}\".");
            Assert.Equal(shown, Redaction.Text(shown));
        }
    }

    [Fact]
    public void No_secret_is_left_in_JSON_and_what_is_shown_is_JSON_with_the_same_properties()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 2_000; i++)
        {
            var secret = Secret(random);
            var inner = new Dictionary<string, object?>
            {
                [SecretNames[random.Next(SecretNames.Length)]] = secret,
                ["sourceUrl"] = random.Next(2) == 0 ? $"https://media.example/{secret}?e=1" : $"//media.example/1.jpg?{secret}",
                ["detail"] = Templates[random.Next(Templates.Length)].Replace("SECRET", secret, StringComparison.Ordinal),
                ["listingKey"] = "S1000",
                ["order"] = 7,
            };
            var body = JsonSerializer.SerializeToUtf8Bytes(new { message = inner, headers = new object[] { inner, 1.5, true } });

            var shown = Redaction.Json(body, indented: random.Next(2) == 0)!;

            Assert.False(shown.Contains(secret, StringComparison.Ordinal), $"{Encoding.UTF8.GetString(body)} is shown as {shown}.");
            var read = JsonDocument.Parse(shown).RootElement.GetProperty("message");
            Assert.Equal(inner.Keys.Order(), read.EnumerateObject().Select(p => p.Name).Order());
            Assert.Equal("S1000", read.GetProperty("listingKey").GetString());
        }
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""", """{"a":1,"a":2}""")]
    [InlineData("""{"a":"\ud800"}""", "{\"a\":\"\uFFFD\"}")]
    [InlineData("""{"password":null,"token":123,"n":1e400}""", """{"password":null,"token":"…","n":1e400}""")]
    public void Strange_JSON_is_shown_all_the_same(string body, string shown) => Assert.Equal(shown, Redaction.Json(Encoding.UTF8.GetBytes(body), indented: false));

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{")]
    public void What_is_no_JSON_is_told(string body) => Assert.Null(Redaction.Json(Encoding.UTF8.GetBytes(body), indented: true));

    [Theory]
    [InlineData("a")]
    [InlineData("token")]
    [InlineData("x-amz-")]
    [InlineData("https://")]
    [InlineData("https:")]
    [InlineData("bearer ")]
    [InlineData("secret-:")]
    public void A_megabyte_of_anything_is_read_in_a_moment(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length));

        var elapsed = Stopwatch.StartNew();
        Redaction.Text(text);

        // A second of a machine with nothing else to do; a quadratic search takes hours.
        Assert.InRange(elapsed.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    static readonly string[] Templates =
    [
        "https://media.example/photos/SECRET.jpg",
        "https://media.example/photos/1.jpg?x=1&sig=SECRET",
        "https://media.example/photos/1.jpg?X-Amz-Signature=SECRET&X-Amz-Date=1",
        "HTTPS://MEDIA.example/a'b?SECRET",
        "https:\\/\\/media.example\\/SECRET",
        "to=https%3A%2F%2Fmedia.example%2FSECRET",
        "1https://media.example/SECRET",
        "http://[::1]:8080/SECRET",
        "https://user:SECRET@media.example/1.jpg",
        "amqps://user:SECRET@broker",
        "s3://bucket/SECRET",
        "Authorization: Bearer SECRET",
        "authorization=Basic SECRET",
        "Proxy-Authorization: Digest username=\"a\"",
        "\"Authorization\":\"Bearer SECRET\"",
        "Set-Cookie: session=SECRET; path=/",
        "the header was Bearer SECRET9",
        "token=SECRET",
        "access_token=SECRET&b=1",
        "refreshToken = \"SECRET\"",
        "signature=SECRET",
        "X-Amz-Credential=SECRET",
        "apikey=SECRET",
        "api_key='SECRET'",
        "x-api-key: SECRET",
        "password: SECRET",
        "Host=db;Password=SECRET;Port=1",
        "client_secret%3DSECRET%26a%3D1",
        "{\"token\":\"SECRET\"}",
        "{\\\"apiKey\\\":\\\"SECRET\\\"}",
        "AccountKey=SECRET==",
        "eyJhbGciOiJIUzI1NiJ9.SECRET.SECRET",
    ];

    static readonly string[] SecretNames = ["token", "accessToken", "password", "X-Amz-Security-Token", "Authorization", "client_secret", "apiKey", "Cookie", "signature"];

    static string Secret(Random random) => string.Create(random.Next(8, 40), random, static (span, random) =>
    {
        const string letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        foreach (ref var c in span)
            c = letters[random.Next(letters.Length)];
    });

    static string Noise(Random random) => string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Words[random.Next(Words.Length)] + Spaces[random.Next(Spaces.Length)]));

    static readonly string[] Words = ["the", "store", "said", "503", "(", "…", "名前", "a=b", "x:", "at ImagePipeline.PhotoWorker.Fetch()", "\"quoted\"", "'"];

    static readonly string[] Spaces = [" ", "\n", "\t", "  "];
}
