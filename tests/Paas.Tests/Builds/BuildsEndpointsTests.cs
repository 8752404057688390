using System.Net;
using Paas.Apps;
using Paas.Client;
using Paas.Testing;

namespace Paas.Builds;

public sealed class BuildsEndpointsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_build_tells_its_phases_layers_buildpacks_and_image()
    {
        await using var paas = await TestPaas.StartAsync();
        var app = await AppAsync(paas);
        Write(paas, app, 1, BuildState.Built, new BuildFacts
        {
            Phases = [new("detect", 120), new("build", 900)],
            Buildpacks = [new("paas/node", "1.0.0")],
            Layers =
            [
                new("paas/node:node", "buildpack", "sha256:aa", "sha256:bb", 52, true, true), new("app", "app", "sha256:cc", "sha256:dd", 4, false, false),
                new("launcher", "platform", "sha256:ee", "sha256:ff", 9, false, true),
            ],
            Image = "sha256:11",
            ManifestSize = 900,
        });

        var build = (await paas.Api.GetFromJsonAsync("/api/v1/apps/hello/builds", ContractJson.Default.IReadOnlyListBuildView, Token))!.Single();

        Assert.Equal((1, "push", "built", 1), (build.Number, build.Cause, build.State, build.CacheHits));
        Assert.Equal(["detect 120", "build 900"], build.Phases.Select(phase => $"{phase.Name} {phase.Milliseconds}"));
        Assert.Equal(new BuildReportView("sha256:11", 900), build.Report);
        Assert.Equal(new UsedBuildpackView("paas/node", "1.0.0"), build.Buildpacks.Single());
        Assert.Equal(new BuildLayerView("app", "app", "sha256:cc", "sha256:dd", 4, false, false), build.Layers[1]);
        Assert.Equal(HttpStatusCode.NotFound, (await paas.OtherTeam("other").GetAsync(new Uri("/api/v1/apps/hello/builds/1", UriKind.Relative), Token)).StatusCode);
        var missing = await paas.Api.GetAsync(new Uri("/api/v1/apps/hello/builds/9", UriKind.Relative), Token);
        Assert.Contains("There is no build 9 of hello. See them with: paas builds", await missing.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_build_names_buildpack_phase_exit_code_and_last_lines()
    {
        await using var paas = await TestPaas.StartAsync();
        var app = await AppAsync(paas);
        Write(paas, app, 1, BuildState.Failed, new BuildFacts { Failure = new BuildTrouble("build_failed", "It failed.", "acme/java", "build", 3, ["one", "two"]) });

        var build = await paas.Api.GetFromJsonAsync("/api/v1/apps/hello/builds/1", ContractJson.Default.BuildView, Token);

        Assert.Equal(("acme/java", "build", 3), (build!.Failure!.Buildpack, build.Failure.Phase, build.Failure.ExitCode));
        Assert.Equal(["one", "two"], build.Failure.LastLines);
    }

    [Fact]
    public async Task A_cache_is_shown_with_its_limit_and_cleared()
    {
        await using var paas = await TestPaas.StartAsync();
        var app = await AppAsync(paas);
        paas.Services.GetRequiredService<BuildCache>().Set(app.Id, new Buildpacks.PreviousBuild { Image = Oci.Digest.Of("x"u8), Buildpacks = [] });

        var all = await paas.Api.GetFromJsonAsync("/api/v1/builds/cache", ContractJson.Default.BuildCachesView, Token);
        Assert.Equal(("hello", 20L << 30, 2L << 30), (all!.Caches.Single().App, all.Limit, all.Caches[0].Limit));
        Assert.Empty((await paas.OtherTeam("other").GetFromJsonAsync("/api/v1/builds/cache", ContractJson.Default.BuildCachesView, Token))!.Caches);
        Assert.True((await paas.Api.DeleteAsync(new Uri("/api/v1/apps/hello/builds/cache", UriKind.Relative), Token)).IsSuccessStatusCode);
        Assert.Null((await paas.Api.GetFromJsonAsync("/api/v1/apps/hello/builds/cache", ContractJson.Default.BuildCacheView, Token))!.UsedAt);
    }

    [Fact]
    public async Task What_does_not_run_cannot_be_cancelled()
    {
        await using var paas = await TestPaas.StartAsync();
        await AppAsync(paas);

        var refused = await paas.Api.PostAsync(new Uri("/api/v1/apps/hello/builds/1/cancel", UriKind.Relative), null, Token);

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("Build 1 of hello does not run", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    private static async Task<App> AppAsync(TestPaas paas)
    {
        (await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), ContractJson.Default.CreateApp, Token)).EnsureSuccessStatusCode();
        return paas.Services.GetRequiredService<AppStore>().All().Single();
    }

    private static void Write(TestPaas paas, App app, int number, BuildState state, BuildFacts facts)
    {
        var builds = paas.Services.GetRequiredService<BuildStore>();
        var begun = builds.Begin(app.Id, number, BuildCause.Push, new string('a', 40));
        builds.End(begun with { State = state, Facts = facts, EndedAt = begun.StartedAt.AddSeconds(2) });
    }
}
