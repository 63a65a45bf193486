namespace ImagePipeline.SampleMls.Pictures;

/// <summary>What a picture shows; the names are RESO's <c>ImageOf</c> values.</summary>
enum SceneKind
{
    FrontOfStructure,
    BackOfStructure,
    LivingRoom,
    Kitchen,
    DiningRoom,
    Bedroom,
    Bathroom,
}
