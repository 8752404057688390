using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>The run image's platform, which buildpacks learn as CNB_TARGET_* (CNB buildpack spec 0.12, "Targets").</summary>
public sealed record Target(string Os, string Architecture, string? Variant, string? DistributionName, string? DistributionVersion)
{
    /// <param name="pathOf">Path of a layer's snapshot, to look for /etc/os-release where labels do not name the distribution.</param>
    internal static Target Of(ImageConfig runImage, Func<DiffId, string?>? pathOf = null)
    {
        var labels = runImage.Config?.Labels;
        var (name, version) = (Label("io.buildpacks.base.distro.name"), Label("io.buildpacks.base.distro.version"));
        if (name is null && version is null && pathOf is not null)
        {
            (name, version) = OsRelease.Read(runImage, pathOf);
        }

        return new Target(runImage.Os, runImage.Architecture, runImage.Variant is "" ? null : runImage.Variant, name, version);

        string? Label(string key) => labels?.GetValueOrDefault(key) is { Length: > 0 } value ? value : null;
    }

    /// <summary>Whether a buildpack that lists these targets works here; one that lists none works anywhere.</summary>
    internal bool IsOneOf(IReadOnlyList<BuildpackTarget> targets) => targets.Count == 0 || targets.Any(Matches);

    private bool Matches(BuildpackTarget target) =>
        Same(target.Os, Os) && Same(target.Architecture, Architecture) && Same(target.Variant, Variant)
        && (target.Distributions.Count == 0
            || ((DistributionName ?? DistributionVersion) is not null
                && target.Distributions.Any(distribution => Same(distribution.Name, DistributionName) && Same(distribution.Version, DistributionVersion))));

    /// <summary>What one side does not name is not compared.</summary>
    private static bool Same(string? wanted, string? actual) =>
        string.IsNullOrEmpty(wanted) || string.IsNullOrEmpty(actual) || wanted == "*" || wanted == actual;
}
