using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Releases;

public sealed class ReleaseChangesTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Config_vars_that_differ_are_named_and_their_values_are_not()
    {
        await using var live = await LiveApp.StartAsync();
        await SetAsync(live, ("A", "secret-1"), ("B", "secret-2"));
        await SetAsync(live, ("A", "secret-3"), ("B", null), ("C", "secret-4"));

        using var answer = await live.Paas.Api.GetAsync("/api/v1/apps/hello/releases/3/changes", Cancelled);
        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        var changes = await live.Paas.Api.GetAsync("/api/v1/apps/hello/releases/3/changes", Cancelled).ReadAsync<ReleaseChanges>(HttpStatusCode.OK);
        Assert.Equal((2, 3, false), (changes.From, changes.To, changes.ImageChanged));
        Assert.Equal([new("A", "changed"), new("B", "removed"), new("C", "added")], changes.Config);
        Assert.Empty(changes.Processes);
        Assert.Null(changes.Code);

        var since = await live.Paas.Api.GetAsync("/api/v1/apps/hello/releases/1/changes?from=3", Cancelled).ReadAsync<ReleaseChanges>(HttpStatusCode.OK);
        Assert.Equal([new("A", "removed"), new("C", "removed")], since.Config);
    }

    [Fact]
    public async Task The_list_says_what_each_release_changed()
    {
        await using var live = await LiveApp.StartAsync();
        await SetAsync(live, ("A", "1"));
        var releases = await live.Paas.Api.GetAsync("/api/v1/apps/hello/releases", Cancelled).ReadAsync<ReleaseView[]>(HttpStatusCode.OK);
        Assert.Equal([new("A", "added")], releases[0].ConfigChanges);
        Assert.Empty(releases[1].ConfigChanges);
    }

    [Fact]
    public async Task The_first_release_has_nothing_before_it()
    {
        await using var live = await LiveApp.StartAsync();
        var changes = await live.Paas.Api.GetAsync("/api/v1/apps/hello/releases/1/changes", Cancelled).ReadAsync<ReleaseChanges>(HttpStatusCode.OK);
        Assert.Null(changes.From);
        Assert.Equal(["web", "worker"], changes.Processes.Select(process => process.Type));
    }

    [Fact]
    public async Task A_release_that_does_not_exist_is_named()
    {
        await using var live = await LiveApp.StartAsync();
        var problem = await live.Paas.Api.GetAsync("/api/v1/apps/hello/releases/1/changes?from=7", Cancelled).ProblemAsync(HttpStatusCode.NotFound);
        Assert.Equal("release_not_found", problem.Code);
        Assert.Contains("v7", problem.Detail, StringComparison.Ordinal);
    }

    private static async Task SetAsync(LiveApp live, params (string Name, string? Value)[] vars)
    {
        using var answer = await live.SendAsync(HttpMethod.Patch, "/config", new UpdateConfig(vars.ToDictionary(item => item.Name, item => item.Value)));
        answer.EnsureSuccessStatusCode();
    }
}
