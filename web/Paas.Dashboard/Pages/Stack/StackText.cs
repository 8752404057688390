using Paas.Client;
using Paas.Dashboard.Controls;

namespace Paas.Dashboard.Pages.Stack;

/// <summary>How the room of the base image says things.</summary>
public static class StackText
{
    public static string Summary(StackView stack) => (stack.RunImage, stack.Apps.Count(app => app.State == "older")) switch
    {
        (null, _) => "The base images are not made yet: an update makes them.",
        (_, 0) => "Every app that is built here stands on the newest run image.",
        (_, var older) => $"{Say.Count(older, "app stands", "apps stand")} on an older run image.",
    };

    public static string StandsOn(StackAppView app) => app.State switch
    {
        "current" => "the newest",
        "older" => "an older one",
        _ => app.Sentence ?? app.State,
    };

    /// <summary>What the step does, while it does it.</summary>
    public static string Doing(StackUpdateView update) => update.Step switch
    {
        "packages" => "Asking Debian's mirrors what is newer.",
        "make" => "Making the base images; this takes minutes.",
        "rebase" => "Making every app's image anew.",
        "rollout" => Rolling(update),
        _ => "Under way.",
    };

    /// <summary>As the state badge knows it.</summary>
    public static string State(string outcome) => outcome switch
    {
        "rolling" => "starting",
        "waiting" => "Waiting",
        "current" => "Newest already",
        "skipped" => "Skipped",
        _ => outcome,
    };

    public static string Change(PackageChangeView change) => (change.Before, change.After) switch
    {
        (null, var after) => $"new, {after}",
        (var before, null) => $"{before}, goes",
        var (before, after) => $"{before} to {after}",
    };

    private static string Rolling(StackUpdateView update)
    {
        var moving = update.Apps.Count(app => app.Outcome is "waiting" or "rolling" or "rebased" or "failed");
        var over = update.Apps.Count(app => app.Outcome is "rebased" or "failed");
        return FormattableString.Invariant($"Rolling out: {over} of {moving} apps are done.");
    }
}
