namespace ImagePipeline.SampleMls.Pictures;

/// <summary>What a room's floor is made of.</summary>
enum RoomFloor
{
    Wood,
    Tile,
}
