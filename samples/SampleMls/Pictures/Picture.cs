namespace ImagePipeline.SampleMls.Pictures;

/// <summary>The bytes of one photo: the scene before its label, the label, the scene after it. Shared, never changed, sent as they lie.</summary>
sealed record Picture(ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte> Label, ReadOnlyMemory<byte> After)
{
    public int Length => Before.Length + Label.Length + After.Length;

    public byte[] ToArray() => [.. Before.Span, .. Label.Span, .. After.Span];
}
