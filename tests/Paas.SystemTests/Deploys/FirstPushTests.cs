using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>From `git push` to a page, and what is told on the way.</summary>
public sealed class FirstPushTests(Platform platform)
{
    [Fact]
    public async Task A_static_site_is_live_when_the_push_returns()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("v1 is live", push.Error, StringComparison.Ordinal);

        var (status, body) = await app.VisitAsync();
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("Hello from a static site", body, StringComparison.Ordinal);
        Assert.Equal("live", (await app.ViewAsync()).State);
    }

    [Fact]
    public async Task A_second_push_replaces_the_page_and_its_validator()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        await app.WriteAsync("index.html", "<h1>one</h1>");
        await app.CommitAsync("One");
        (await app.PushAsync()).Succeeded();
        using var visitor = platform.Visitor();
        using var first = await visitor.GetAsync(platform.UrlOf(app.Name), TestContext.Current.CancellationToken);
        (await app.PushChangeAsync("index.html", "<h1>two</h1>")).Succeeded();
        using var second = await visitor.GetAsync(platform.UrlOf(app.Name), TestContext.Current.CancellationToken);

        Assert.Equal("<h1>two</h1>", await second.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.NotNull(first.Headers.ETag);
        Assert.NotEqual(first.Headers.ETag, second.Headers.ETag);
    }

    [Fact]
    public async Task A_node_app_reads_its_config_and_its_release()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        await app.SendAsync(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["GREETING"] = "Good day" }));
        (await app.PushAsync()).Succeeded();
        Assert.Equal($"Good day from {app.Name} v1\n", (await app.VisitAsync()).Body);
    }

    [Fact]
    public async Task Another_branch_is_stored_and_not_deployed()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        (await app.PushAsync()).Succeeded();
        var push = (await app.PushAsync("main:refs/heads/side")).Succeeded();
        Assert.Contains("side", push.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("live", push.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await app.ViewAsync()).Release);
    }

    [Fact]
    public async Task An_app_that_nothing_was_pushed_to_says_so_to_its_visitors()
    {
        await using var app = await PushedApp.CreateAsync(platform, null);
        var (status, body) = await app.VisitAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("Nothing has been deployed", body, StringComparison.Ordinal);
        Assert.Equal("empty", (await app.ViewAsync()).State);
    }

    [Fact]
    public async Task An_unknown_host_is_not_found()
    {
        platform.SkipIfMissing();
        using var visitor = platform.Visitor();
        using var answer = await visitor.GetAsync(platform.UrlOf("nobody-here"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_tree_that_no_buildpack_takes_is_told_what_was_looked_for()
    {
        await using var app = await PushedApp.CreateAsync(platform, null);
        var push = await app.PushChangeAsync("notes.txt", "nothing to build");
        Assert.NotEqual(0, push.Code);
        Assert.Contains("package.json", push.Error, StringComparison.Ordinal);
        Assert.Contains("index.html", push.Error, StringComparison.Ordinal);
        Assert.Contains("Procfile", push.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_file_names_are_only_names()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        var mark = Path.Combine(app.Folder, "pwned");
        await app.WriteAsync("line\nbreak.txt", "1");
        await app.WriteAsync("$(touch pwned).html", "2");
        await app.WriteAsync("`touch pwned`; touch pwned", "3");
        await app.WriteAsync("-rf \u001b[31m\"'", "4");
        await app.CommitAsync("Names; $(touch pwned) \u001b[31m");
        var push = (await app.PushAsync()).Succeeded();
        Assert.DoesNotContain('\u001b', push.Error);
        Assert.Equal("2", (await app.VisitAsync("/$(touch%20pwned).html")).Body);
        Assert.False(File.Exists(mark));
        Assert.Equal(HttpStatusCode.NotFound, (await app.VisitAsync("/pwned")).Status);
    }
}
