namespace Paas.Builds;

/// <summary>A buildpack that a team added.</summary>
public sealed record AddedBuildpack
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    /// <summary>Of its files: 64 hex characters.</summary>
    public required string Digest { get; init; }

    public required string Api { get; init; }

    /// <summary>It is only an order of others.</summary>
    public required bool Composite { get; init; }

    public string? Description { get; init; }

    public string? Homepage { get; init; }

    /// <summary>What was added, as people write it, without credentials.</summary>
    public required string Source { get; init; }

    /// <summary>The commit or digest that it was then.</summary>
    public required string Pinned { get; init; }

    /// <summary>Who added it.</summary>
    public string Actor { get; init; } = "";

    public DateTimeOffset AddedAt { get; init; }

    /// <summary>Where builds see it (CNB platform spec 0.15, "Buildpacks Directory Layout").</summary>
    public string Inside => $"{BuildSandbox.BuildpacksInside}/{Name.Replace('/', '_')}/{Version}";

    public override string ToString() => $"{Name} {Version}";
}
