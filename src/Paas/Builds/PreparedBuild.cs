using System.Net;
using Paas.Apps;
using Paas.Buildpacks;
using Paas.Oci;

namespace Paas.Builds;

/// <summary>All that one build is made of.</summary>
internal sealed record PreparedBuild
{
    public required App App { get; init; }

    /// <summary>"hello.7": unique on this home.</summary>
    public required string Id { get; init; }

    public required Source Source { get; init; }

    /// <summary>Variables that the build sees: of the app, and of project.toml.</summary>
    public required IReadOnlyDictionary<string, string> Env { get; init; }

    public required Image RunImage { get; init; }

    public required Image BuildImage { get; init; }

    /// <summary>Buildpacks, the order to try, and project.toml.</summary>
    public required BuildChoice Choice { get; init; }

    /// <summary>What buildpacks find under platform/bindings.</summary>
    public required IReadOnlyList<Binding> Bindings { get; init; }

    public required HostSettings Host { get; init; }

    /// <summary>Where the host's package registries are now.</summary>
    public required IReadOnlyList<IPEndPoint> Reach { get; init; }

    /// <summary>Null: it starts cold.</summary>
    public required PreviousBuild? Previous { get; init; }

    /// <summary>For the image's label; null: of no commit.</summary>
    public ProjectSource? Project => Source.Commit is { Length: > 0 } commit ? new ProjectSource("git", commit, null) : null;
}
