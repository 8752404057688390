using System.Globalization;
using Paas.Client;

namespace Paas.Dashboard.Pages.Settings;

/// <summary>One setting of an app: how it is called, what it does, and how it goes into the contract.</summary>
/// <param name="Unit">Null for texts and switches.</param>
/// <param name="Does">One sentence.</param>
/// <param name="Default">As people read it.</param>
/// <param name="Option">Of 'paas apps set'.</param>
/// <param name="Range">Least and most, for whole numbers; null for texts and switches.</param>
/// <param name="Get">As it is typed; "true" or "false" for a switch.</param>
/// <param name="Set">What was typed, into the update.</param>
public sealed record SettingField(
    string Label,
    string? Unit,
    string Does,
    string Default,
    string Option,
    (int Least, int Most)? Range,
    Func<AppSettings, string> Get,
    Func<UpdateApp, string, UpdateApp> Set)
{
    public bool IsSwitch { get; init; }

    /// <summary>The values that there are, each with what it is called; null: it is typed.</summary>
    public IReadOnlyList<(string Value, string Label)>? Choices { get; init; }

    public static SettingField DeployBranch { get; } = new(
        "Deploy branch", null, "A push to this branch is built and deployed; pushes to others are only kept.", "the first of main and master that is pushed", "--deploy-branch", null,
        settings => settings.DeployBranch ?? "", (update, text) => update with { DeployBranch = text });

    public static SettingField BuildTimeout { get; } = Seconds(
        "Build limit", "A build that takes longer is ended, and the push is refused.", 900, "--build-timeout", 10, 7200,
        settings => settings.BuildTimeout, (update, seconds) => update with { BuildTimeout = seconds });

    public static SettingField Builder { get; } = new(
        "Built by", null, "Automatic: the Dockerfile builds it when there is one and nothing chooses buildpacks.", "automatic", "--builder", null,
        settings => settings.Builder, (update, text) => update with { Builder = text })
    { Choices = [("auto", "Automatic"), ("dockerfile", "Its Dockerfile"), ("buildpacks", "Buildpacks")] };

    public static SettingField Dockerfile { get; } = new(
        "Dockerfile", null, "Its path in the repository, whose top folder is the context of the build. Empty: Dockerfile.", "empty", "--dockerfile", null,
        settings => settings.Dockerfile ?? "", (update, text) => update with { Dockerfile = text });

    public static SettingField HealthPath { get; } = new(
        "Health path", null, "A new web instance gets requests once this path answers 2xx or 3xx. Empty: once its port accepts a connection.", "empty", "--health-path", null,
        settings => settings.HealthPath ?? "", (update, text) => update with { HealthPath = text });

    public static SettingField HealthTimeout { get; } = Seconds(
        "Health timeout", "A new instance that is not healthy by then fails the deploy; the old release goes on.", 60, "--health-timeout", 1, 600,
        settings => settings.HealthTimeout, (update, seconds) => update with { HealthTimeout = seconds });

    public static SettingField DrainTimeout { get; } = Seconds(
        "Drain timeout", "How long an old instance may finish the requests that it has, before it is asked to stop.", 30, "--drain-timeout", 0, 600,
        settings => settings.DrainTimeout, (update, seconds) => update with { DrainTimeout = seconds });

    public static SettingField StopGrace { get; } = Seconds(
        "Stop grace", "Time between asking an instance to stop (SIGTERM) and ending it (SIGKILL).", 10, "--stop-grace", 0, 600,
        settings => settings.StopGrace, (update, seconds) => update with { StopGrace = seconds });

    public static SettingField ReadOnlyRoot { get; } = new(
        "Read-only root", null, "Instances may write to /tmp only; whoever breaks into the app cannot change its files.", "off", "--read-only-root", null,
        settings => settings.ReadOnlyRoot ? "true" : "false", (update, text) => update with { ReadOnlyRoot = text == "true" })
    { IsSwitch = true };

    /// <summary>A sentence when a number cannot be; null when it can. Texts are judged by the platform.</summary>
    public string? Fault(string typed) => Range is { } range && !(int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= range.Least && number <= range.Most)
        ? string.Create(CultureInfo.InvariantCulture, $"Give a whole number of {Unit}, {range.Least} to {range.Most}.")
        : null;

    private static SettingField Seconds(
        string label, string does, int usual, string option, int least, int most, Func<AppSettings, int> get, Func<UpdateApp, int, UpdateApp> set) => new(
        label, "seconds", does, string.Create(CultureInfo.InvariantCulture, $"{usual} seconds"), option, (least, most),
        settings => get(settings).ToString(CultureInfo.InvariantCulture),
        (update, text) => set(update, int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)));
}
