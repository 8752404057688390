using System.CommandLine;
using System.Globalization;
using Paas.Client;

namespace Paas.Cli.Commands;

/// <summary>builds, and builds info, cancel, cache, cache clear.</summary>
internal static class BuildsCommand
{
    private static readonly Argument<string> Number = new("number") { Description = "The build" };
    private static readonly Argument<string?> MaybeNumber = new("number") { Description = "The build; without it, the running one", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> All = new("--all") { Description = "Of every app of the team" };

    public static Verb Make(Surroundings surroundings) =>
        new Verb("builds", "The app's builds, newest first", "paas builds", "paas builds --json").Runs(surroundings, ListAsync).With(
            new Verb("info", "Show one build: its phases, layers and buildpacks", "paas builds info 12").With(Number).Runs(surroundings, InfoAsync),
            new Verb("cancel", "Cancel a running build", "paas builds cancel", "paas builds cancel 12").With(MaybeNumber).Runs(surroundings, CancelAsync),
            new Verb("cache", "What apps keep for their next builds", "paas builds cache", "paas builds cache --json").Runs(surroundings, CacheAsync).With(
                new Verb("clear", "Let the next build start cold", "paas builds cache clear", "paas builds cache clear --all").With(All).Runs(surroundings, ClearAsync)));

    private static async Task ListAsync(Call call, CancellationToken cancellationToken)
    {
        var builds = await call.Client.BuildsAsync(await call.AppAsync(cancellationToken), cancellationToken: cancellationToken);
        call.Show(builds, ContractJson.Default.IReadOnlyListBuildView, views =>
        {
            var table = call.Table("BUILD", "STATE", "COMMIT", "STARTED", "TOOK", "LAYERS", "BUILDPACKS", "IMAGE");
            foreach (var view in views)
            {
                table.Row(
                    Words.Number(view.Number), view.State, view.Commit is null ? view.Cause : Words.Short(view.Commit), Words.Ago(view.StartedAt, call.Now), Took(view.Milliseconds),
                    Layers(view), string.Join(", ", view.Buildpacks.Select(buildpack => buildpack.Id)), Words.Short(view.Report?.Image));
            }

            table.Print("Nothing was built yet. Build and deploy with: git push paas main");
        });
    }

    private static async Task InfoAsync(Call call, CancellationToken cancellationToken)
    {
        var number = SizeText.ParseNumber(call.Value(Number)!, "paas builds info 12");
        var build = await call.Client.BuildAsync(await call.AppAsync(cancellationToken), number, cancellationToken);
        call.Show(build, ContractJson.Default.BuildView, view => Print(call, view));
    }

    private static void Print(Call call, BuildView view)
    {
        call.Print($"build      {Words.Number(view.Number)} ({view.Cause}, {Words.Ago(view.StartedAt, call.Now)}{(view.Milliseconds is null ? "" : $", took {Took(view.Milliseconds)}")})");
        call.Print($"state      {view.State}{(view.SameAs is { } same ? $": the same as build {Words.Number(same)}" : "")}");
        if (view.Commit is not null)
        {
            call.Print($"commit     {Words.Short(view.Commit)}");
        }

        if (view.Report is { } report)
        {
            call.Print($"image      {report.Image}");
        }

        foreach (var phase in view.Phases)
        {
            call.Print($"{phase.Name,-10} {(phase.Milliseconds is null ? "running" : Took(phase.Milliseconds))}");
        }

        foreach (var buildpack in view.Buildpacks)
        {
            call.Print($"buildpack  {buildpack.Id} {buildpack.Version}");
        }

        if (view.Failure is { } failure)
        {
            PrintFailure(call, failure);
        }

        if (view.Layers.Count > 0)
        {
            call.Print("");
            var table = call.Table("LAYER", "SIZE", "WAS", "DIGEST");
            foreach (var layer in view.Layers)
            {
                table.Row(layer.Name, Words.Bytes(layer.Size), layer.Reused ? "reused" : "made", Words.Short(layer.Digest ?? layer.DiffId));
            }

            table.Print("");
        }
    }

    private static void PrintFailure(Call call, BuildFailureView failure)
    {
        call.Print($"failure    {failure.Sentence}");
        if (failure.Buildpack is not null)
        {
            call.Print($"where      {failure.Buildpack}, {failure.Phase} phase{(failure.ExitCode is { } code ? $", exit code {Words.Number(code)}" : "")}");
        }

        foreach (var line in failure.LastLines)
        {
            call.Print($"           {line}");
        }
    }

    private static async Task CancelAsync(Call call, CancellationToken cancellationToken)
    {
        var app = await call.AppAsync(cancellationToken);
        var number = call.Value(MaybeNumber) is { } text
            ? SizeText.ParseNumber(text, "paas builds cancel 12")
            : (await call.Client.BuildsAsync(app, cancellationToken: cancellationToken)).FirstOrDefault(item => item.State == "running")?.Number
              ?? throw new CliError(ExitCodes.Refused, $"No build of {app} is running, so there is nothing to cancel.");
        var build = await call.Client.CancelBuildAsync(app, number, cancellationToken);
        call.Show(build, ContractJson.Default.BuildView, view => call.Print($"Cancelled build {Words.Number(view.Number)} of {app}."));
    }

    private static async Task CacheAsync(Call call, CancellationToken cancellationToken)
    {
        var caches = await call.Client.BuildCachesAsync(cancellationToken);
        call.Show(caches, ContractJson.Default.BuildCachesView, view =>
        {
            var table = call.Table("APP", "SIZE", "LIMIT", "LAYERS", "LAST USED");
            foreach (var cache in view.Caches)
            {
                table.Row(
                    cache.App, Words.Bytes(cache.Bytes), Words.Bytes(cache.Limit), string.Join(", ", cache.Layers.Select(layer => layer.Name)), cache.UsedAt is { } at ? Words.Ago(at, call.Now) : "never");
            }

            table.Print("No app keeps anything for its next build.");
            call.Print($"All caches of this platform take {Words.Bytes(view.Bytes)} of {Words.Bytes(view.Limit)}.");
        });
    }

    private static async Task ClearAsync(Call call, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> apps = call.Value(All)
            ? [.. (await call.Client.BuildCachesAsync(cancellationToken)).Caches.Select(cache => cache.App)]
            : [await call.AppAsync(cancellationToken)];
        var cleared = new List<BuildCacheView>();
        foreach (var app in apps)
        {
            cleared.Add(await call.Client.ClearBuildCacheAsync(app, cancellationToken));
        }

        call.Show(cleared, ContractJson.Default.IReadOnlyListBuildCacheView, views =>
        {
            foreach (var view in views)
            {
                call.Print($"Cleared the build cache of {view.App} ({Words.Bytes(view.Bytes)}): its next build starts cold. The disk is freed by the next collection: paas registry gc");
            }
        });
    }

    private static string Layers(BuildView view) => view.Layers.Count == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{view.Layers.Count(layer => layer.Reused)} reused, {view.Layers.Count(layer => !layer.Reused)} made");

    private static string Took(long? milliseconds) => milliseconds is { } took ? Words.Seconds(took / 1000.0) : "";
}
