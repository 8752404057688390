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

    /// <summary>"Building", as the push says it.</summary>
    public static string Phase(string name) => name switch
    {
        "prepare" => "Preparing the build",
        "detect" => "Detecting buildpacks",
        "restore" => "Restoring the cache",
        "build" => "Building",
        "export" => "Exporting the image",
        "release" => "Release command",
        "start" => "Starting v{0}",
        "route" => "Switching the routes",
        "" => "Before the first phase",
        _ => name,
    };

    /// <summary>The same, with the deploy's number where it belongs.</summary>
    public static string Phase(string name, int number) => string.Format(System.Globalization.CultureInfo.InvariantCulture, Phase(name), number);

    /// <summary>Whether the API would take a cancellation: until the routes are switched.</summary>
    public static bool CanCancel(DeployView deploy) => deploy.EndedAt is null && deploy.Phases is not [.., { Name: "route" }];

    /// <summary>Null while it runs.</summary>
    public static TimeSpan? Took(DeployView deploy) => deploy.EndedAt - deploy.StartedAt;

    /// <summary>Below the title: what it does now, or how it ended; null where the failure says it.</summary>
    public static string? Sentence(DeployView deploy) => deploy switch
    {
        { EndedAt: null, Phases: [.., { } phase] } => $"{Phase(phase.Name, deploy.Number)}.",
        { EndedAt: null } => "Waiting for its turn.",
        { Failure: not null } => null,
        _ => deploy.Sentence,
    };
}
