using System.ComponentModel.DataAnnotations;
using ImagePipeline.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagePipeline.Pipeline.Tests;

public sealed class SettingsTests
{
    [Fact]
    public void Values_are_read_whatever_their_shape_and_case()
    {
        var options = Bind(
            ("Some:Count", "4"), ("Some:wait", "00:00:30"), ("Some:On", "True"), ("Some:Mode", "fast"), ("Some:Limit", "5"),
            ("Some:Inner:Depth", "2"), ("Some:Delays:0", "00:00:01"), ("Some:Delays:1", "1.00:00:00"),
            ("Some:Sizes:0:Width", "320"), ("Some:Headers:Authorization", "Bearer 1"));

        Assert.Equal(
            (4, TimeSpan.FromSeconds(30), true, Mode.Fast, 5, 2),
            (options.Count, options.Wait, options.On, options.Mode, options.Limit, options.Inner.Depth));
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)], options.Delays);
        Assert.Equal(320, Assert.Single(options.Sizes).Width);
        Assert.Equal("Bearer 1", options.Headers["Authorization"]);
    }

    [Fact]
    public void What_is_not_set_keeps_its_default()
    {
        var options = Bind();

        Assert.Equal((3, "some", 1), (options.Count, options.Name, options.Inner.Depth));
    }

    [Fact]
    public void Nothing_is_what_JSON_writes_for_an_empty_list_or_no_number()
    {
        var options = Bind(("Some:Delays", ""), ("Some:Limit", ""));

        Assert.Empty(options.Delays);
        Assert.Null(options.Limit);
    }

    [Theory]
    [InlineData("Some:Cuont", "7", "Some:Cuont (environment variable Some__Cuont) is not a setting; "
        + "Some accepts Count, Delays, Headers, Inner, Limit, Mode, Name, On, Sizes, Wait.")]
    [InlineData("Some:Inner:Dpeth", "7", "Some:Inner:Dpeth (environment variable Some__Inner__Dpeth) is not a setting; Some:Inner accepts Depth.")]
    [InlineData("Some:Sizes:0:Widht", "7", "Some:Sizes:0:Widht (environment variable Some__Sizes__0__Widht) is not a setting; Some:Sizes:0 accepts Width.")]
    [InlineData("Some:Count:Most", "7", "Some:Count:Most (environment variable Some__Count__Most) is not a setting; Some:Count takes one value.")]
    public void An_unknown_setting_is_named_with_the_known_ones(string key, string value, string sentence) =>
        Assert.Equal([sentence], Failures((key, value)));

    [Theory]
    [InlineData("Some:Count", "many", "Some:Count (environment variable Some__Count) is \"many\"; accepted is 1 to 10.")]
    [InlineData("Some:Count", "", "Some:Count (environment variable Some__Count) is \"\"; accepted is 1 to 10.")]
    [InlineData("Some:Limit", "many", "Some:Limit (environment variable Some__Limit) is \"many\"; a whole number is accepted.")]
    [InlineData("Some:On", "yes", "Some:On (environment variable Some__On) is \"yes\"; accepted are true and false.")]
    [InlineData("Some:Mode", "slow", "Some:Mode (environment variable Some__Mode) is \"slow\"; accepted are Careful, Fast.")]
    [InlineData("Some:Wait", "soon", "Some:Wait (environment variable Some__Wait) is \"soon\"; "
        + "accepted is 00:00:01 to 01:00:00, written [days.]hours:minutes:seconds.")]
    [InlineData("Some:Inner:Depth", "deep", "Some:Inner:Depth (environment variable Some__Inner__Depth) is \"deep\"; accepted is 1 to 9.")]
    [InlineData("Some:Delays:1", "soon", "Some:Delays:1 (environment variable Some__Delays__1) is \"soon\"; "
        + "accepted is a time written [days.]hours:minutes:seconds.")]
    [InlineData("Some:Sizes:0:Width", "wide", "Some:Sizes:0:Width (environment variable Some__Sizes__0__Width) is \"wide\"; a whole number is accepted.")]
    public void An_unreadable_value_is_shown_with_what_is_accepted(string key, string value, string sentence) =>
        Assert.Equal([sentence], Failures((key, value)));

    [Theory]
    [InlineData("Some:Count", "11", "Some:Count (environment variable Some__Count) is \"11\"; accepted is 1 to 10.")]
    [InlineData("Some:Wait", "30", "Some:Wait (environment variable Some__Wait) is \"30.00:00:00\"; "
        + "accepted is 00:00:01 to 01:00:00, written [days.]hours:minutes:seconds.")]
    [InlineData("Some:Inner:Depth", "0", "Some:Inner:Depth (environment variable Some__Inner__Depth) is \"0\"; accepted is 1 to 9.")]
    [InlineData("Some:Name", "", "Some:Name (environment variable Some__Name) is \"\"; a value is needed.")]
    public void A_value_that_is_not_accepted_is_shown_with_what_is(string key, string value, string sentence) =>
        Assert.Equal([sentence], Failures((key, value)));

    [Fact]
    public void What_only_several_settings_together_can_break_is_said_too() =>
        Assert.Equal(["Fast does not go together with a count over 5."], Failures(("Some:Mode", "Fast"), ("Some:Count", "6")));

    [Theory]
    [InlineData("Some:Headers", "Some:Headers (environment variable Some__Headers) takes entries such as Some__Headers__NAME, not one value.")]
    [InlineData("Some:Delays", "Some:Delays (environment variable Some__Delays) takes entries such as Some__Delays__0, not one value.")]
    [InlineData("Some:Inner", "Some:Inner (environment variable Some__Inner) takes settings of its own: Depth.")]
    public void One_value_where_several_belong_is_not_repeated_because_it_may_be_a_secret(string key, string sentence) =>
        Assert.Equal([sentence], Failures((key, "Authorization: Bearer secret")));

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var failures = Failures(("Some:Cuont", "7"), ("Some:On", "yes"), ("Some:Inner:Depth", "deep"));
        Assert.Equal(["Some:Cuont", "Some:Inner:Depth", "Some:On"], failures.Select(f => f.Split(' ')[0]).Order());

        var outOfRange = Failures(("Some:Count", "0"), ("Some:Inner:Depth", "0"), ("Some:Name", ""));
        Assert.Equal(["Some:Count", "Some:Inner:Depth", "Some:Name"], outOfRange.Select(f => f.Split(' ')[0]).Order());
    }

    [Fact]
    public void A_bad_setting_is_found_when_the_host_starts()
    {
        using var services = new ServiceCollection()
            .AddSingleton(Configuration(("Some:Count", "11")))
            .AddValidatedOptions<SomeOptions>("Some")
            .BuildServiceProvider();

        var invalid = Assert.Throws<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        Assert.StartsWith("Some:Count (environment variable Some__Count)", Assert.Single(invalid.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void A_feed_without_a_valid_id_is_named_with_the_rule()
    {
        var feeds = new FeedSettings(Configuration(("Feeds:Acme:Source", "a.json"), ("Feeds:urgent:Source", "b.json"), ("Feeds:good:Source", "c.json")));

        var failures = Assert.Throws<OptionsValidationException>(() => feeds.Ids).Failures.ToList();

        Assert.Equal(2, failures.Count);
        Assert.StartsWith("Feeds:Acme is not a feed id; accepted is 1 to 50 characters", failures[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Rungs_that_cannot_be_read_are_not_left_out() => Assert.Equal(
        ["Rungs:Delays:0 (environment variable Rungs__Delays__0) is \"10s\"; accepted is a time written [days.]hours:minutes:seconds."],
        Assert.Throws<OptionsValidationException>(
            () => Settings.Bind(Configuration(("Rungs:Delays:0", "10s"), ("Rungs:Delays:1", "00:01:00")).GetSection("Rungs"), new RungOptions())).Failures);

    static SomeOptions Bind(params (string Key, string Value)[] settings)
    {
        var options = new SomeOptions();
        Settings.Bind(Configuration(settings).GetSection("Some"), options);
        return options;
    }

    static IEnumerable<string> Failures(params (string Key, string Value)[] settings) =>
        Assert.Throws<OptionsValidationException>(() => Bind(settings)).Failures;

    static IConfiguration Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value))).Build();

    enum Mode
    {
        Careful,
        Fast,
    }

    sealed class SomeOptions : IValidatableObject
    {
        [Range(1, 10)]
        public int Count { get; set; } = 3;

        [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
        public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(5);

        public bool On { get; set; }

        public Mode Mode { get; set; }

        public int? Limit { get; set; }

        [Required]
        public string Name { get; set; } = "some";

        public InnerOptions Inner { get; } = new();

        public List<TimeSpan> Delays { get; set; } = [];

        public List<Size> Sizes { get; set; } = [];

        public Dictionary<string, string> Headers { get; set; } = [];

        // Computed: nothing to set.
        public bool IsFast => Mode == Mode.Fast;

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (IsFast && Count > 5)
                yield return new ValidationResult("Fast does not go together with a count over 5.");
        }
    }

    sealed class InnerOptions
    {
        [Range(1, 9)]
        public int Depth { get; set; } = 1;
    }

    sealed record Size
    {
        public int Width { get; init; }
    }
}
