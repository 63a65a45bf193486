using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagePipeline.PhotoWorker.Imaging;

/// <summary>Registers what turns originals into renditions.</summary>
static class ImagingSetup
{
    /// <summary>Adds the profile, the renderer and the slots it runs in.</summary>
    public static IServiceCollection AddImaging(this IServiceCollection services)
    {
        services.AddValidatedOptions<RenderingOptions>(RenderingOptions.Section);
        services.AddValidatedOptions<ProfileOptions>(ProfileOptions.Section);
        services.AddSingleton(s => new RenditionProfile(s.GetRequiredService<IOptions<ProfileOptions>>().Value));
        services.AddSingleton(s => new Renderer(s.GetRequiredService<RenditionProfile>(), s.GetRequiredService<IOptions<RenderingOptions>>().Value));
        services.AddSingleton(s => Slots(s.GetRequiredService<IOptions<RenderingOptions>>().Value));
        return services;
    }

    static DecodeSlots Slots(RenderingOptions options) => new(options.DecodeConcurrency, options.WholeDecodeConcurrency);
}
