using System.ComponentModel.DataAnnotations;

namespace ImagePipeline.ServiceDefaults;

/// <summary>Section <c>Rungs</c>: when a photo that failed is tried again, before it counts as failed.</summary>
public sealed class RungOptions : IValidatableObject
{
    static readonly TimeSpan[] Default =
        [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), TimeSpan.FromHours(6)];

    /// <summary>The waits before each further try, in turn.</summary>
    /// <value>Default 10 s, 1 min, 10 min, 1 h, 6 h: from a hiccup to a vendor's maintenance night. 1 to 10 of them, each up to 1 day.</value>
    public List<TimeSpan> Delays { get; set; } = [];

    /// <summary>The waits in force.</summary>
    public IReadOnlyList<TimeSpan> InForce => Delays.Count > 0 ? Delays : Default;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Delays.Count > 10 || Delays.Any(d => d <= TimeSpan.Zero || d > TimeSpan.FromDays(1)))
            yield return new ValidationResult("Rungs:Delays (environment variables Rungs__Delays__0, Rungs__Delays__1, …) takes 1 to 10 times, each over 0 and up to 1 day.");
    }
}
