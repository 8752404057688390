using System.CommandLine;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>build --local: the build of a push, of a folder, without a release.</summary>
internal static class BuildCommand
{
    private static readonly Option<string?> Local = new("--local") { Description = "The folder to build; what .gitignore leaves out of a repository is left out", HelpName = "DIR" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("build", "Build a folder as a push would, without a release", "paas build --local .", "paas build --local ./shop --app shop --json").With(Local).Runs(surroundings, BuildAsync);

    private static async Task<int> BuildAsync(Call call, CancellationToken cancellationToken)
    {
        var named = call.Value(Local) ?? throw CliError.Usage("Say which folder to build: paas build --local . To build and deploy what you committed: git push paas main");
        var folder = Path.GetFullPath(named, call.Surroundings.Folder);
        if (!Directory.Exists(folder))
        {
            throw CliError.Usage($"There is no folder {folder}.");
        }

        var app = await call.AppAsync(cancellationToken);
        BuildView? build = null;
        await foreach (var item in call.Client.BuildFolderAsync(app, (body, token) => FolderTar.WriteAsync(call.Surroundings, folder, body, token), cancellationToken))
        {
            build = item.Build ?? build;
            if (!call.Json && item.Line is { } line)
            {
                call.Print(line);
            }
        }

        if (build is null)
        {
            throw new CliError(ExitCodes.Refused, "The platform stopped during the build: try it again.");
        }

        call.Show(build, ContractJson.Default.BuildView, view => Print(call, app, view));
        return build.State == "built" ? ExitCodes.Ok : ExitCodes.Refused;
    }

    private static void Print(Call call, string app, BuildView view)
    {
        if (view.Report is { } report)
        {
            var tag = $":build-{Words.Number(view.Number)}";
            call.Print("");
            call.Print($"Built {report.Image} as {app}{tag}; it runs nowhere.");
            call.Print($"Deploy it:  paas deploy --image {tag} --app {app}");
            call.Print($"Run it:     docker run {new Uri(call.Client.Platform, "/").Authority}/{app}{tag}");
        }
        else
        {
            call.Print("");
            call.Print(view.Failure?.Sentence ?? $"The build was {view.State}.");
        }
    }
}
