using System.Reflection;
using System.Text;
using System.Text.Json;
using ImagePipeline.Contracts;
using MassTransit;
using MassTransit.Serialization;

namespace ImagePipeline.Pipeline.Tests;

public sealed class ContractsTests
{
    static readonly Assembly Contracts = typeof(PhotoRequested).Assembly;

    static readonly NullabilityInfoContext Nullability = new();

    [Fact]
    public void The_wire_shapes_are_the_approved_ones()
    {
        var approved = Repository.File("tests/Pipeline.Tests/wire-shapes.approved.txt");
        var received = Shapes();
        var isApproved = File.Exists(approved) && File.ReadAllText(approved) == received;
        if (!isApproved)
            File.WriteAllText(approved.Replace(".approved.", ".received.", StringComparison.Ordinal), received);

        // Compare the two files; when the change is meant, and no first-version property went or became required, approve it.
        Assert.True(isApproved, "The messages on the wire have changed: see wire-shapes.received.txt beside the approved file.");
    }

    [Theory]
    [MemberData(nameof(FirstMessages))]
    public void A_message_of_the_first_version_is_still_read(string file)
    {
        var type = Contracts.GetType($"ImagePipeline.Contracts.{Path.GetFileNameWithoutExtension(file)}", throwOnError: true)!;

        var message = JsonSerializer.Deserialize(File.ReadAllText(file), type, SystemTextJsonMessageSerializer.Options);

        Assert.NotNull(message);
    }

    [Fact]
    public void Every_message_has_an_example_of_its_first_version()
    {
        var examples = FirstMessages().Select(e => Path.GetFileNameWithoutExtension(e.Data));

        Assert.Equal(Messages().Select(m => m.Name).Order(), examples.Order());
    }

    [Fact]
    public void A_property_unknown_to_an_older_subscriber_does_not_disturb_it()
    {
        var file = FirstMessages().Single(e => e.Data.EndsWith("PhotosReady.json", StringComparison.Ordinal)).Data;
        var newer = File.ReadAllText(file).Replace("\"feed\":", "\"addedLater\": { \"x\": 1 }, \"feed\":", StringComparison.Ordinal);

        Assert.Equal("acme", JsonSerializer.Deserialize<PhotosReady>(newer, SystemTextJsonMessageSerializer.Options)!.Feed);
    }

    [Fact]
    public void The_contracts_need_no_package() => Assert.All(
        Contracts.GetReferencedAssemblies(), a => Assert.StartsWith("System", a.Name, StringComparison.Ordinal));

    [Fact]
    public void MassTransit_is_8_5_12_the_last_line_without_a_commercial_licence() => Assert.StartsWith(
        "8.5.12", typeof(IBus).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion, StringComparison.Ordinal);

    [Fact]
    public void Ids_are_the_same_for_ever()
    {
        var listing = Identity.ListingUid("acme", "L1");

        Assert.Equal(new Guid("398c61ca-cd09-5075-87a0-8bc50fcd549b"), listing);
        Assert.Equal(new Guid("afe8d553-e777-598f-b071-42e32e0b3a63"), Identity.PhotoId(listing, "P1"));
    }

    public static IEnumerable<TheoryDataRow<string>> FirstMessages() =>
        Directory.EnumerateFiles(Repository.File("tests/Pipeline.Tests/messages"), "*.json").Order().Select(f => new TheoryDataRow<string>(f));

    static IEnumerable<Type> Messages() => Contracts.GetExportedTypes()
        .Where(t => t.GetMethod("<Clone>$") is not null && Attribute.IsDefined(t, typeof(System.Runtime.CompilerServices.NullableAttribute)))
        .Where(t => !IsPart(t));

    // A record that only ever stands inside of another.
    static bool IsPart(Type type) => Contracts.GetExportedTypes()
        .SelectMany(t => t.GetProperties()).Any(p => Element(p.PropertyType) == type) || type == typeof(StoredImage);

    static Type Element(Type type) => type.IsGenericType ? type.GetGenericArguments()[0] : type;

    static string Shapes()
    {
        var text = new StringBuilder();
        foreach (var type in Contracts.GetExportedTypes().Where(t => t.IsEnum || t.GetMethod("<Clone>$") is not null).OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            text.Append(type.IsEnum ? "enum " : IsPart(type) ? "part " : $"{MessageUrn.ForType(type)} ").Append(type.Name).Append('\n');
            if (type.IsEnum)
            {
                foreach (var name in Enum.GetNames(type))
                    text.Append("    ").Append(name).Append('\n');
                continue;
            }
            foreach (var property in type.GetProperties().OrderBy(p => p.Name, StringComparer.Ordinal))
                text.Append("    ").Append(Line(property)).Append('\n');
        }
        return text.ToString();
    }

    static string Line(PropertyInfo property)
    {
        var required = Attribute.IsDefined(property, typeof(System.Runtime.CompilerServices.RequiredMemberAttribute)) ? "required " : "";
        var nullable = Nullability.Create(property).ReadState == NullabilityState.Nullable ? "?" : "";
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var name = type.IsGenericType ? $"{Element(type).Name}[]" : type.Name;
        return $"{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}: {required}{name}{nullable}";
    }
}
