using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>apps set, and how an app with its settings is shown.</summary>
internal static class AppSettingsCommand
{
    private static readonly Option<string?> DeployBranch = new("--deploy-branch") { Description = "The branch whose pushes are deployed", HelpName = "BRANCH" };
    private static readonly Option<string?> HealthPath = new("--health-path") { Description = "Path that answers 2xx or 3xx when an instance is well; \"\" for a TCP check", HelpName = "PATH" };
    private static readonly Option<string?> HealthTimeout = Duration("--health-timeout", "How long a new instance may take to become healthy (1 s to 10 min)");
    private static readonly Option<string?> DrainTimeout = Duration("--drain-timeout", "How long old instances may finish requests (up to 10 min)");
    private static readonly Option<string?> StopGrace = Duration("--stop-grace", "Time between SIGTERM and SIGKILL (up to 10 min)");
    private static readonly Option<string?> BuildTimeout = Duration("--build-timeout", "How long a build may take (10 s to 2 h)");
    private static readonly Option<bool?> ReadOnlyRoot = new("--read-only-root") { Description = "Whether instances may write outside /tmp", HelpName = "true|false" };

    private static readonly Option<string?> Builder = new("--builder") { Description = "What builds it: auto (its Dockerfile when it has one and nothing chooses buildpacks), dockerfile or buildpacks", HelpName = "auto|dockerfile|buildpacks" };
    private static readonly Option<string?> Dockerfile = new("--dockerfile") { Description = "Path of the Dockerfile in the repository; \"\" for 'Dockerfile'", HelpName = "PATH" };

    /// <summary>Of apps create too.</summary>
    public static readonly Option<string[]> Buildpacks = new("--buildpack")
    {
        Description = "A buildpack that builds the app, id or id@version; once for each, in order; \"\" goes back to the platform's order",
        HelpName = "ID",
        AllowMultipleArgumentsPerToken = false,
    };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("set", "Change settings of the app", "paas apps set --health-path /healthz --health-timeout 2m", "paas apps set --deploy-branch production", "paas apps set --read-only-root true", "paas apps set --buildpack fagiani/apt --buildpack paas/node", "paas apps set --builder dockerfile --dockerfile docker/web.Dockerfile")
            .With(DeployBranch, HealthPath, HealthTimeout, DrainTimeout, StopGrace, BuildTimeout, ReadOnlyRoot, Buildpacks, Builder, Dockerfile).Runs(surroundings, SetAsync);

    public static void Print(AppView app, Call call)
    {
        var settings = app.Settings;
        Line("name", app.Name);
        Line("state", $"{app.State}: {app.Sentence}");
        Line("url", app.Url);
        Line("git url", app.GitUrl);
        Line("domains", string.Join(", ", app.Domains));
        Line("created", Words.Ago(app.CreatedAt, call.Now));
        Line("deploy branch", settings.DeployBranch ?? "the first of main and master that is pushed");
        if (app.FollowedImage is { } followed)
        {
            Line("follows", $"{followed.Image}{(followed.Problem is { } problem ? $": {problem}" : "")}");
        }

        Line("health check", string.IsNullOrEmpty(settings.HealthPath) ? "TCP" : $"HTTP {settings.HealthPath}");
        Line("health timeout", Span(settings.HealthTimeout));
        Line("drain timeout", Span(settings.DrainTimeout));
        Line("stop grace", Span(settings.StopGrace));
        Line("build timeout", Span(settings.BuildTimeout));
        Line("builder", settings.Builder == "auto" ? "auto: its Dockerfile, else buildpacks" : settings.Builder);
        Line("dockerfile", settings.Dockerfile ?? "Dockerfile");
        Line("buildpacks", settings.Buildpacks is [] ? "the platform's order" : string.Join(", ", settings.Buildpacks));
        Line("read-only root", settings.ReadOnlyRoot ? "yes" : "no");

        void Line(string name, string value) => call.Print($"{name,-14}  {value}");
    }

    private static async Task SetAsync(Call call, CancellationToken cancellationToken)
    {
        var update = new UpdateApp
        {
            DeployBranch = call.Value(DeployBranch),
            HealthPath = call.Value(HealthPath),
            HealthTimeout = Seconds(call, HealthTimeout),
            DrainTimeout = Seconds(call, DrainTimeout),
            StopGrace = Seconds(call, StopGrace),
            BuildTimeout = Seconds(call, BuildTimeout),
            ReadOnlyRoot = call.Has(ReadOnlyRoot) ? call.Value(ReadOnlyRoot) ?? true : null,
            Builder = call.Value(Builder),
            Dockerfile = call.Value(Dockerfile),
            Buildpacks = call.Has(Buildpacks) ? call.Value(Buildpacks) : null,
        };
        if (update == new UpdateApp())
        {
            throw CliError.Usage("There is nothing to set. Example: paas apps set --health-path /healthz");
        }

        var app = await call.Client.UpdateAppAsync(await call.AppAsync(cancellationToken), update, cancellationToken);
        call.Show(app, ContractJson.Default.AppView, view => call.Print($"Changed the settings of {view.Name}. See them with: paas apps info --app {view.Name}"));
    }

    private static Option<string?> Duration(string name, string description) => new(name) { Description = description, HelpName = "SECONDS" };

    private static int? Seconds(Call call, Option<string?> option) => call.Value(option) is { } text ? SizeText.ParseSeconds(text) : null;

    private static string Span(int seconds) => seconds % 60 == 0 && seconds > 0 ? $"{Words.Number(seconds / 60)} min" : $"{Words.Number(seconds)} s";
}
