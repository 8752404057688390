using Paas.Client;
using Paas.Dashboard.Controls;

namespace Paas.Dashboard.Pages.Deploys;

/// <summary>How deploys and their phases are called on pages.</summary>
public static class DeployWords
{
    /// <summary>"Push 1a2b3c4: Fix the header", "Config: Set GREETING", "Rollback: Roll back to v3".</summary>
    public static string What(DeployView deploy) => (deploy.Cause, deploy.Commit) switch
    {
        ("push", { } commit) => $"Push {Say.Commit(commit)}: {deploy.Message}",
        ("config", _) => $"Config vars: {deploy.Message}",
        ("rollback", _) => deploy.Message ?? "Rollback",
        _ => deploy.Message ?? deploy.Cause,
    };

    /// <summary>A phase's name, as the log view calls it.</summary>
    public static string Phase(string name) => name switch
    {
        "prepare" => "Prepare",
        "detect" => "Detect buildpacks",
        "restore" => "Restore cached layers",
        "build" => "Build",
        "export" => "Export the image",
        "fetch" => "Get the image",
        "unpack" => "Unpack the image",
        "release" => "Run the release command",
        "start" => "Start the new release",
        "route" => "Switch the routes",
        _ => name,
    };

    /// <summary>Whether the API would take a cancellation: until the routes are switched.</summary>
    public static bool CanCancel(DeployView deploy) => deploy.EndedAt is null && deploy.Phases is not [.., { Name: "route" }];

    /// <summary>Null while it runs.</summary>
    public static TimeSpan? Took(DeployView deploy) => deploy.EndedAt - deploy.StartedAt;

    /// <summary>Below the title: what it does now, or how it ended; null where the failure says it.</summary>
    public static string? Sentence(DeployView deploy) => deploy switch
    {
        { EndedAt: null, Phases: [.., { } phase] } => Doing(phase.Name, deploy.Number),
        { EndedAt: null } => "Waiting for its turn.",
        { Failure: not null } => null,
        _ => deploy.Sentence,
    };

    private static string Doing(string phase, int number) => phase switch
    {
        "prepare" => "Preparing the build.",
        "detect" => "Looking for buildpacks that know the app.",
        "restore" => "Restoring what the last build cached.",
        "build" => "The buildpacks build the app.",
        "export" => "Making the image.",
        "fetch" => "Getting the image.",
        "unpack" => "Unpacking the image and proving its layers.",
        "release" => "The release command runs, before anything is switched.",
        "start" => FormattableString.Invariant($"v{number} starts beside what serves."),
        "route" => FormattableString.Invariant($"The routes switch to v{number}."),
        _ => $"{phase}.",
    };
}
