using System.ComponentModel.DataAnnotations;
using ImagePipeline.PhotoWorker.Imaging;

namespace ImagePipeline.PhotoWorker.Tests.Imaging;

public sealed class RenditionProfileTests
{
    [Fact]
    public void The_default_profiles_key_never_changes_by_accident() => Assert.Equal("web-34f2f702", RenditionProfile.Default.Key);

    [Fact]
    public void Writing_the_default_down_changes_nothing()
    {
        var written = Profile(new() { Name = "w1600", Width = 1600 }, new() { Name = "w1024", Width = 1024 },
            new() { Name = "w640", Width = 640 }, new() { Name = "w320", Width = 320 });

        Assert.Equal(RenditionProfile.Default.Hash, written.Hash);
    }

    [Fact]
    public void Whatever_changes_the_bytes_or_their_keys_changes_the_hash()
    {
        var (wide, narrow) = (new Rendition { Name = "a", Width = 200 }, new Rendition { Name = "b", Width = 100 });
        RenditionProfile[] profiles =
        [
            Profile(wide, narrow),
            Profile(narrow, wide),
            Profile(wide),
            Profile(wide, narrow with { Width = 101 }),
            Profile(wide, narrow with { Quality = 81 }),
            Profile(wide, narrow with { Format = RenditionFormat.WebP }),
            Profile(wide, narrow with { Name = "c" }),
        ];

        Assert.Equal(profiles.Length, profiles.Select(profile => profile.Hash).Distinct().Count());
    }

    [Fact]
    public void The_default_options_are_valid() => Assert.Empty(Problems(new ProfileOptions()));

    [Fact]
    public void A_bad_setting_is_named_with_its_variable_and_what_it_takes()
    {
        var problem = Assert.Single(Problems(new ProfileOptions { Renditions = [new() { Name = "w0", Width = 0 }] }));

        Assert.Equal(
            "PhotoWorker:Profile:Renditions:0:Width (environment variable PhotoWorker__Profile__Renditions__0__Width) is 0; "
            + "it takes 16 to 16383 pixels.",
            problem);
    }

    [Fact]
    public void Names_must_fit_into_a_key_and_differ()
    {
        Assert.Single(Problems(new ProfileOptions { Name = "Web/1" }));
        Assert.Single(Problems(new ProfileOptions { Renditions = [new() { Name = "../x", Width = 100 }] }));
        Assert.Single(Problems(new ProfileOptions { Renditions = [new() { Name = "a", Width = 100 }, new() { Name = "a", Width = 200 }] }));
    }

    static RenditionProfile Profile(params Rendition[] renditions) => new(new ProfileOptions { Renditions = [.. renditions] });

    static List<string> Problems(ProfileOptions options)
    {
        var problems = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true);
        return [.. problems.Select(problem => problem.ErrorMessage!)];
    }
}
