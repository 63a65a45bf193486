using ImagePipeline.Storage.Failures;

namespace ImagePipeline.Storage.Tests.Failures;

/// <summary>Which failures are one group.</summary>
public sealed class FailureGroupTests
{
    [Theory]
    [InlineData("https://photos.example.com/a/1.jpg?sig=abc answered 503.", "http://other.example/2.png answered 503.")]
    [InlineData("Listing 20000123 has no photo.", "Listing KEY-7/b has no photo.")]
    [InlineData("Photo 5f0c1d2e-3b4a-4958-8677-95a4b3c2d1e0 is gone.", "Photo 00000000000000000000000000000001 is gone.")]
    [InlineData("Failed at 2026-11-27T22:24:33.123Z.", "Failed at 2025-01-02 03:04:05.")]
    [InlineData("Took 12:30:01.5 in all.", "Took 00:00:02 in all.")]
    [InlineData("No answer from 10.0.0.7:5432.", "No answer from 192.168.1.1:80.")]
    [InlineData("No answer from [2001:db8:0:0:0:0:0:1]:5432.", "No answer from 10.0.0.7:5432.")]
    [InlineData("Cannot read \"north\" of the feed.", "Cannot read \"south side\" of the feed.")]
    [InlineData("Cannot read 'north' of the feed.", "Cannot read 'south side' of the feed.")]
    [InlineData("Took 1.5 s and 12 bytes.", "Took 22 s and 4096 bytes.")]
    [InlineData("Got 3 rows,\n  wanted 4.", "Got 17 rows, wanted 1.")]
    [InlineData("Stopped with 137 bytes left.", "Stopped with 20480 bytes left.")]
    [InlineData("The server returned 204 of 404 rows.", "The server returned 17 of 1000 rows.")]
    [InlineData("The reader said 137.", "The reader said 7.")]
    [InlineData("Decoding ended with 500 pixels.", "Decoding ended with 64 pixels.")]
    public void What_differs_from_message_to_message_splits_no_group(string one, string other) => Assert.Equal(FailureGroup.PatternOf(one), FailureGroup.PatternOf(other));

    [Theory]
    [InlineData("https://photos.example.com/1.jpg answered 503.", "https://photos.example.com/1.jpg answered 404.")]
    [InlineData("The server responded with 500.", "The server responded with 502.")]
    [InlineData("Response status code does not indicate success: 500 (Internal Server Error).", "Response status code does not indicate success: 403 (Forbidden).")]
    [InlineData("Response status code does not indicate success: 520.", "Response status code does not indicate success: 522.")]
    [InlineData("The remote server returned an error: (404).", "The remote server returned an error: (503).")]
    [InlineData("HTTP 429", "HTTP 503")]
    [InlineData("status: 500", "status: 501")]
    [InlineData("Listing 1 has no photo.", "Listing 1 has no key.")]
    [InlineData("The seller's name is missing.", "The seller's address is missing, isn't it.")]
    public void What_is_another_failure_is_another_group(string one, string other) => Assert.NotEqual(FailureGroup.PatternOf(one), FailureGroup.PatternOf(other));

    [Fact]
    public void A_pattern_can_be_read_and_has_a_bounded_length()
    {
        Assert.Equal("{url} answered 503 for listing # of feed \"…\" at {time}.", FailureGroup.PatternOf("https://a.example/x?y=1 answered 503 for listing K-1 of feed \"north\" at 2026-01-01T00:00:00Z."));
        Assert.InRange(FailureGroup.PatternOf(string.Concat(Enumerable.Repeat("many words ", 10_000))).Length, 1, 300);
        Assert.Equal("", FailureGroup.PatternOf(""));
    }

    [Theory]
    [InlineData("   at System.Convert.FromHexString(String s)\n   at ImagePipeline.PhotoWorker.PhotoProcess.RunAsync(PhotoRequested request) in /src/PhotoProcess.cs:line 40\n   at ImagePipeline.Other.Then()", "PhotoProcess.RunAsync")]
    [InlineData("   at ImagePipeline.PhotoWorker.PhotoProcess.<RunAsync>d__7.MoveNext()", "PhotoProcess.RunAsync")]
    [InlineData("   at ImagePipeline.PhotoWorker.PhotoProcess.<>c__DisplayClass4_0.<RunAsync>b__0(Int32 i)", "PhotoProcess.RunAsync")]
    [InlineData("   at ImagePipeline.PhotoWorker.PhotoProcess.<>c.<RunAsync>b__4_0(Int32 i)", "PhotoProcess.RunAsync")]
    [InlineData("   at ImagePipeline.PhotoWorker.PhotoProcess.<>c__DisplayClass4_0.<<RunAsync>b__0>d.MoveNext()", "PhotoProcess.RunAsync")]
    [InlineData("   at ImagePipeline.PhotoWorker.PhotoProcess.<RunAsync>g__Then|4_0(Int32 i)", "PhotoProcess.RunAsync")]
    [InlineData("   at ImagePipeline.Storage.Sagas.SagaTable`1.SaveAsync[T](T saga)", "SagaTable`1.SaveAsync")]
    [InlineData("   at ImagePipeline.Storage.Sagas.SagaTable`1.<SaveAsync>d__3`2.MoveNext()", "SagaTable`1.SaveAsync")]
    [InlineData("   at ImagePipeline.Contracts.Identity..ctor()", "Identity.ctor")]
    [InlineData("   at System.Convert.FromHexString(String s)\r\n   at Elsewhere.ImagePipeline.X()", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void The_frame_is_the_first_of_our_own_code_by_type_and_method(string? stack, string? frame) => Assert.Equal(frame, FailureGroup.FrameOf(stack));

    [Fact]
    public void The_frame_of_a_real_stack_is_the_method_that_threw()
    {
        Func<int, int> lambda = i => Convert.FromHexString("xyz").Length + i;

        Assert.Equal("FailureGroupTests.The_frame_of_a_real_stack_is_the_method_that_threw", FailureGroup.FrameOf(Assert.Throws<FormatException>(() => lambda(1)).StackTrace));
    }

    [Fact]
    public void Exception_type_message_frame_message_type_and_queue_each_make_another_group()
    {
        string[] groups =
        [
            FailureGroup.IdOf("E", "p", "f", "m", "q"),
            FailureGroup.IdOf("X", "p", "f", "m", "q"),
            FailureGroup.IdOf("E", "x", "f", "m", "q"),
            FailureGroup.IdOf("E", "p", "x", "m", "q"),
            FailureGroup.IdOf("E", "p", null, "m", "q"),
            FailureGroup.IdOf("E", "p", "f", "x", "q"),
            FailureGroup.IdOf("E", "p", "f", "m", "x"),
        ];

        Assert.Equal(groups.Length, groups.Distinct().Count());
        // In every process and version.
        Assert.Equal("0eed5a84", FailureGroup.IdOf("E", "p", "f", "m", "q"));
    }
}
