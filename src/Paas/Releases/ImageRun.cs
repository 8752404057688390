namespace Paas.Releases;

/// <summary>What an image that was not built here says about running it, frozen with its release.</summary>
public sealed record ImageRun
{
    /// <summary>As it was asked for: "ghcr.io/team/app:1.2", or "hello:main" of the platform's own registry.</summary>
    public required string Reference { get; init; }

    /// <summary>Digest of what the reference named: an index, or the manifest itself.</summary>
    public required string Digest { get; init; }

    /// <summary>Made by buildpacks elsewhere: its launcher starts the process types. Else entrypoint and command are the image's own.</summary>
    public bool Launcher { get; init; }

    /// <summary>TCP ports that the image exposes, ascending.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>Null: the image has no health check.</summary>
    public ImageHealth? Health { get; init; }
}

/// <summary>The image's own health check: a command run inside an instance; exit 0 is healthy.</summary>
/// <param name="Command">Program and arguments.</param>
/// <param name="Interval">Between two runs, at most.</param>
/// <param name="Timeout">Of one run.</param>
/// <param name="StartPeriod">How long the image says that its start may take.</param>
public sealed record ImageHealth(IReadOnlyList<string> Command, TimeSpan Interval, TimeSpan Timeout, TimeSpan StartPeriod);
