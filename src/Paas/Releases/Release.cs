using System.Globalization;
using Paas.Apps;
using Paas.Oci;

namespace Paas.Releases;

/// <summary>Image, config vars and process commands, frozen together as v(n). It never changes.</summary>
public sealed record Release
{
    public required long AppId { get; init; }

    /// <summary>The number of the deploy that made it.</summary>
    public required int Number { get; init; }

    /// <summary>Digest of the image's manifest.</summary>
    public required Digest Image { get; init; }

    /// <summary>The config vars as they were.</summary>
    public required IReadOnlyList<ConfigVar> Config { get; init; }

    /// <summary>Process types of the image with the command as people read it.</summary>
    public required IReadOnlyDictionary<string, string> Processes { get; init; }

    /// <summary>What the image itself says about running it; null when it was built here.</summary>
    public ImageRun? Run { get; init; }

    /// <summary>"Push 1a2b3c4: Fix the header", "Set GREETING", "Roll back to v3".</summary>
    public required string Description { get; init; }

    /// <summary>40 hex characters; null when the image was not built from a push.</summary>
    public string? Commit { get; init; }

    public required string Actor { get; init; }

    /// <summary>It has served: a rollback may go to it.</summary>
    public bool Good { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When retention gave its image up: it can no longer be rolled back to. Null: the image is kept.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    /// <summary>Process types that instances run; "release" is a command run once instead.</summary>
    public IEnumerable<string> Types => Processes.Keys.Where(type => type != ReleaseCommand.ProcessType).Order(StringComparer.Ordinal);

    /// <summary>Name used by the registry and by people: "v12".</summary>
    public string Tag => TagOf(Number);

    public static string TagOf(int number) => string.Create(CultureInfo.InvariantCulture, $"v{number}");
}
