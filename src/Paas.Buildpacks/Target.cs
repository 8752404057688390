using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>The run image's platform, which buildpacks learn as CNB_TARGET_* (CNB buildpack spec 0.12, "Targets").</summary>
public sealed record Target(string Os, string Architecture, string? Variant, string? DistributionName, string? DistributionVersion)
{
    internal static Target Of(ImageConfig runImage)
    {
        var labels = runImage.Config?.Labels;
        return new Target(
            runImage.Os,
            runImage.Architecture,
            null,
            labels?.GetValueOrDefault("io.buildpacks.base.distro.name"),
            labels?.GetValueOrDefault("io.buildpacks.base.distro.version"));
    }

    /// <summary>Whether a buildpack that lists these targets works here; one that lists none works anywhere.</summary>
    internal bool IsOneOf(IReadOnlyList<BuildpackTarget> targets) => targets.Count == 0 || targets.Any(Matches);

    private bool Matches(BuildpackTarget target) =>
        Same(target.Os, Os) && Same(target.Architecture, Architecture) && Same(target.Variant, Variant)
        && (target.Distributions.Count == 0 || DistributionName is null
            || target.Distributions.Any(distribution => distribution.Name == DistributionName && Same(distribution.Version, DistributionVersion)));

    /// <summary>What one side does not name is not compared.</summary>
    private static bool Same(string? wanted, string? actual) =>
        string.IsNullOrEmpty(wanted) || string.IsNullOrEmpty(actual) || wanted == "*" || wanted == actual;
}
