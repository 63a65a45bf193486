using System.Text;
using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Storage.Tests.Failures;

/// <summary>What is read in a body and written into it.</summary>
public sealed class MessageEnvelopeTests
{
    [Theory]
    [InlineData("""{ "messageId": "1", "messageType": ["urn:message:ImagePipeline.Contracts:PhotoRequested", "urn:message:X:Y"], "message": { "feed": "a", "listingKey": "b", "photoId": "c" } }""", "1 PhotoRequested a b c")]
    [InlineData("""{ "MessageID": "1", "MessageType": ["urn:message:ImagePipeline.Contracts:PhotoRequested"], "Message": { "Feed": "a", "ListingKey": "b" } }""", "1 PhotoRequested a b ")]
    [InlineData("""{ "messageType": ["urn:message:MassTransit:Fault[[ImagePipeline.Contracts:PhotoRequested]]"], "message": { "message": { "feed": "a", "photoId": "c" } } }""", " Fault<PhotoRequested> a  c")]
    [InlineData("""{ "feed": "a", "listingKey": "b", "photos": [] }""", "  a b ")]
    [InlineData("""{ "message": "Hello", "feed": "a" }""", "  a  ")]
    [InlineData("\uFEFF{ \"feed\": \"a\" }", "  a  ")]
    [InlineData("""{ "messageType": [], "message": { "feed": 7 } }""", "    ")]
    [InlineData("""{ "messageType": [7], "message": { "feed": "a" } }""", "  a  ")]
    [InlineData("[1, 2]", "    ")]
    [InlineData("<xml/>", "    ")]
    [InlineData("", "    ")]
    [InlineData("""{ "feed": "\ud800" }""", "    ")]
    public void What_is_told_of_a_body(string body, string told)
    {
        var read = MessageEnvelope.Read(Encoding.UTF8.GetBytes(body));

        Assert.Equal(told, $"{read.MessageId} {read.MessageType} {read.Feed} {read.ListingKey} {read.PhotoId}");
    }

    [Fact]
    public void Any_bytes_are_read_without_failing()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"Seed {seed}");
        var random = new Random(seed);
        var good = Encoding.UTF8.GetBytes(Some.Envelope("1", headers: """{ "MT-Redelivery-Count": 3 }"""));
        for (var i = 0; i < 5_000; i++)
        {
            var body = good.ToArray();
            for (var j = random.Next(1, 4); j > 0; j--)
                body[random.Next(body.Length)] = (byte)random.Next(256);
            var cut = body.AsMemory(0, random.Next(4) == 0 ? random.Next(body.Length) : body.Length);

            var failed = Record.Exception(() =>
            {
                MessageEnvelope.Read(cut);
                MessageEnvelope.WithRedeliveryCount(cut, 5);
            });

            Assert.True(failed is null, $"Seed {seed}: {failed}");
        }
    }

    [Theory]
    [InlineData("""{"headers":{"MT-Redelivery-Count":3},"messageType":[]}""", 0, """{"headers":{"MT-Redelivery-Count":0},"messageType":[]}""")]
    [InlineData("""{ "messageType": [], "headers" : { "a" : {"MT-Redelivery-Count": 9}, "mt-redelivery-count" :  12 , "b": [1] }, "x": 1.10 }""", 0, """{ "messageType": [], "headers" : { "a" : {"MT-Redelivery-Count": 9}, "mt-redelivery-count" :  0 , "b": [1] }, "x": 1.10 }""")]
    [InlineData("""{"messageType":[],"headers":{"MT-Redelivery-Count":"3"}}""", 1000, """{"messageType":[],"headers":{"MT-Redelivery-Count":1000}}""")]
    [InlineData("""{"messageType":[],"headers":{}}""", 1000, """{"messageType":[],"headers":{"MT-Redelivery-Count":1000}}""")]
    [InlineData("""{"messageType":[],"headers":{"a":1}}""", 1000, """{"messageType":[],"headers":{"MT-Redelivery-Count":1000,"a":1}}""")]
    [InlineData("\uFEFF{\"messageType\":[],\"headers\":{\"MT-Redelivery-Count\":3}}", 0, "\uFEFF{\"messageType\":[],\"headers\":{\"MT-Redelivery-Count\":0}}")]
    [InlineData("""{"messageType":[],"headers":{"é":"ü","MT-Redelivery-Count":3}}""", 0, """{"messageType":[],"headers":{"é":"ü","MT-Redelivery-Count":0}}""")]
    public void The_count_of_tries_is_edited_and_not_one_byte_beside_it(string body, int count, string edited) => Assert.Equal(edited, Edited(body, count));

    [Theory]
    [InlineData("""{"messageType":[],"headers":{}}""", 0)]
    [InlineData("""{"messageType":[],"headers":null}""", 1000)]
    [InlineData("""{"messageType":[]}""", 1000)]
    [InlineData("""{"headers":{"MT-Redelivery-Count":3}}""", 0)]
    [InlineData("""{"message":{"headers":{"MT-Redelivery-Count":3}}}""", 0)]
    [InlineData("""{"messageType":[],"headers":{"MT-Redelivery-Count":3}""", 0)]
    [InlineData("<headers>3</headers>", 1000)]
    [InlineData("", 1000)]
    public void What_has_no_count_or_is_no_envelope_is_not_touched(string body, int count) => Assert.Equal(body, Edited(body, count));

    [Fact]
    public void Bytes_that_are_no_text_are_not_touched()
    {
        byte[] body = [.. """{"messageType":[],"headers":{"MT-Redelivery-Count":3},"x":" """u8, 0xff, 0xfe, .. "\"}"u8];

        Assert.Equal([.. """{"messageType":[],"headers":{"MT-Redelivery-Count":0},"x":" """u8, 0xff, 0xfe, .. "\"}"u8], MessageEnvelope.WithRedeliveryCount(body, 0).ToArray());
    }

    static string Edited(string body, int count) => Encoding.UTF8.GetString(MessageEnvelope.WithRedeliveryCount(Encoding.UTF8.GetBytes(body), count).Span);
}
