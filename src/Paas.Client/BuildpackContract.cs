namespace Paas.Client;

// Buildpacks of the platform, and those that teams add.

/// <summary>POST /buildpacks.</summary>
/// <param name="Source">"https://host/path#branch:folder" of a git repository, or the reference of an image: "ghcr.io/team/buildpack:1.2".</param>
public sealed record AddBuildpack(string Source);

/// <summary>GET /buildpacks: of one id the newest is the last.</summary>
/// <param name="Api">Version of the buildpack API that it speaks.</param>
/// <param name="BuiltIn">The platform's own; the properties that tell where it came from are null then.</param>
/// <param name="Composite">It is only an order of others.</param>
public sealed record BuildpackView(string Id, string Version, string Api, bool BuiltIn, bool Composite)
{
    public string? Description { get; init; }

    public string? Homepage { get; init; }

    /// <summary>What was added, as it was written, without credentials.</summary>
    public string? Source { get; init; }

    /// <summary>The commit or digest that it was then.</summary>
    public string? Pinned { get; init; }

    /// <summary>Of its files.</summary>
    public string? Digest { get; init; }

    public string? AddedBy { get; init; }

    public DateTimeOffset? AddedAt { get; init; }

    /// <summary>Apps of the team whose settings come to this version.</summary>
    public IReadOnlyList<string> Apps { get; init; } = [];
}
