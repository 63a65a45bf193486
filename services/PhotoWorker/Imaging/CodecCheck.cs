using ImagePipeline.ServiceDefaults.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>Whether the image codec works: it encodes and decodes a picture.</summary>
static class CodecCheck
{
    /// <summary>Tries it before the service starts, and each time somebody asks whether it is ready.</summary>
    public static IServiceCollection AddCodecCheck(this IServiceCollection services) => services
        .AddStartCheck((_, _) => Try() is { IsGood: false, Sentence: var sentence } ? throw new CannotStartException(sentence) : Task.CompletedTask)
        .AddReadyCheck("codec", (_, _) => Task.FromResult(Try()));

    static Finding Try()
    {
        try
        {
            ImageEngine.SelfTest();
            return new(true, $"{ImageEngine.Version} has just encoded and decoded a picture.");
        }
        catch (InvalidOperationException e)
        {
            return new(false, e.Message);
        }
    }
}
