using Paas.Deploys;

namespace Paas.Git;

public sealed class ReceivePackTests : IAsyncLifetime
{
    private GitServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await GitServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Push_deploys_the_files_and_moves_the_branch()
    {
        var client = await _server.NewClientAsync();
        var commit = await client.CommitAsync("src/app.js", "1", "Say \"hello\"\n\nmore");
        _server.Deploys.Behave = (_, line, _) =>
        {
            line("-----> Building");
            return Task.FromResult<DeployResult>(new DeployResult.Live(1, "Live as v1 at http://hello.localhost"));
        };

        var output = await client.RunAsync("push", "paas", "main");

        Assert.Contains("remote: -----> Building", output);
        Assert.Contains("remote: Live as v1 at http://hello.localhost", output);
        var (source, files) = Assert.Single(_server.Deploys.Seen);
        Assert.Equal(("main", commit, "Say \"hello\""), (source.Branch, source.Commit, source.Message));
        Assert.Equal(["index.html", "src/app.js"], files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(commit, await _server.RefAsync("refs/heads/main"));
        Assert.Equal("main", _server.App.DeployBranch);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_server.Home.Git, "checkouts")));
    }

    [Fact]
    public async Task Clone_and_fetch_get_what_was_pushed()
    {
        var client = await _server.NewClientAsync();
        await client.RunAsync("push", "paas", "main");
        var other = _server.NewFolder();
        await other.RunAsync("clone", "--quiet", _server.UrlOf("hello"), ".");
        Assert.Equal("<h1>hello</h1>", await File.ReadAllTextAsync(Path.Combine(other.Directory, "index.html"), TestContext.Current.CancellationToken));

        var commit = await client.CommitAsync("two", "2");
        await client.RunAsync("push", "paas", "main");
        await other.RunAsync("-c", "protocol.version=0", "fetch", "--quiet");
        Assert.Equal(commit, (await other.RunAsync("rev-parse", "origin/main")).Trim());
    }

    [Fact]
    public async Task Master_pushed_first_becomes_the_deploy_branch_and_head()
    {
        var client = await _server.NewClientAsync();
        await client.RunAsync("push", "paas", "main:master");
        Assert.Equal("master", _server.App.DeployBranch);
        Assert.Equal("ref: refs/heads/master", (await File.ReadAllTextAsync(Path.Combine(_server.Repositories.PathOf(GitServer.Hello), "HEAD"), TestContext.Current.CancellationToken)).Trim());

        Assert.Contains("Stored branch 'main'. Only 'master' is deployed; to deploy this branch: git push <remote> main:master", await client.RunAsync("push", "paas", "main"));
        Assert.Single(_server.Deploys.Seen);
    }

    [Fact]
    public async Task A_newly_set_deploy_branch_is_what_a_clone_checks_out()
    {
        var client = await _server.NewClientAsync();
        await client.RunAsync("push", "paas", "main", "main:live");
        _server.SetApp(_server.App with { DeployBranch = "live" });
        var other = _server.NewFolder();
        await other.RunAsync("clone", "--quiet", _server.UrlOf("hello"), ".");
        Assert.Equal("live", (await other.RunAsync("symbolic-ref", "--short", "HEAD")).Trim());
    }

    [Fact]
    public async Task Another_branch_is_stored_and_not_deployed()
    {
        var client = await _server.NewClientAsync();
        var output = await client.RunAsync("push", "paas", "main:feature");
        Assert.Contains("Stored branch 'feature'. Nothing is deployed before main or master is pushed; to deploy this branch: git push <remote> feature:main", output);
        Assert.Empty(_server.Deploys.Seen);
        Assert.Null(_server.App.DeployBranch);
        Assert.NotEqual(RefUpdate.None, await _server.RefAsync("refs/heads/feature"));
    }

    [Fact]
    public async Task Tags_and_several_branches_go_in_one_push()
    {
        var client = await _server.NewClientAsync();
        await client.RunAsync("tag", "-a", "v1", "-m", "one");
        await client.RunAsync("branch", "a");
        await client.RunAsync("branch", "b");
        var output = await client.RunAsync("push", "paas", "main", "a", "b", "v1");
        Assert.Contains("Stored branches 'a', 'b'. Only 'main' is deployed; to deploy one of them: git push <remote> a:main", output);
        Assert.Single(_server.Deploys.Seen);
        Assert.NotEqual(RefUpdate.None, await _server.RefAsync("refs/tags/v1"));
        await client.RunAsync("push", "paas", "--delete", "a", "v1");
        Assert.Equal(RefUpdate.None, await _server.RefAsync("refs/heads/a"));
    }

    [Fact]
    public async Task Failed_deploy_rejects_the_whole_push()
    {
        var client = await _server.NewClientAsync();
        _server.Deploys.Behave = (_, _, _) => Task.FromResult<DeployResult>(new DeployResult.BuildFailed("The build failed: no buildpack matches."));
        var output = await client.FailAsync("push", "paas", "main", "main:other");
        Assert.Contains("remote: The build failed: no buildpack matches.", output);
        Assert.Contains("remote: Push rejected: none of its 2 branches and tags was stored.", output);
        Assert.Contains("pre-receive hook declined", output);
        Assert.Equal(RefUpdate.None, await _server.RefAsync("refs/heads/main"));
        Assert.Equal(RefUpdate.None, await _server.RefAsync("refs/heads/other"));
        Assert.Null(_server.App.DeployBranch);
    }

    [Fact]
    public async Task A_deploy_that_throws_is_the_platforms_fault_and_says_so()
    {
        var client = await _server.NewClientAsync();
        _server.Deploys.Behave = (_, _, _) => throw new InvalidOperationException("the disk\u001b[2J is gone");
        var output = await client.FailAsync("push", "paas", "main");
        Assert.Contains("The platform failed to take this push (the disk\\x1b[2J is gone). That is not your code's fault", output);
        await _server.Deploys.IdleAsync();
        _server.Deploys.Behave = FakeDeploys.LiveAtOnce;
        await client.RunAsync("push", "paas", "main");
    }

    [Fact]
    public async Task A_push_whose_answer_breaks_in_an_unforeseen_way_gives_its_turn_back()
    {
        var broken = true;
        await using var server = await GitServer.StartAsync(before: http =>
        {
            if (broken && http.Request is { Method: "POST" } && http.Request.Path.Value!.EndsWith("git-receive-pack", StringComparison.Ordinal))
            {
                http.Response.Body = new BrokenStream();
            }
        });
        var client = await server.NewClientAsync();
        await client.FailAsync("push", "paas", "main");
        await server.Deploys.IdleAsync();
        broken = false;
        await client.CommitAsync("two", "2");
        await client.RunAsync("push", "paas", "main");
    }

    [Fact]
    public async Task Deleting_the_deploy_branch_is_refused_with_everything_beside_it()
    {
        var client = await _server.NewClientAsync();
        await client.RunAsync("push", "paas", "main");
        var output = await client.FailAsync("push", "paas", ":main", "main:other");
        Assert.Contains("'main' is the deploy branch of hello and cannot be deleted. To end the app: paas apps destroy hello", output);
        Assert.NotEqual(RefUpdate.None, await _server.RefAsync("refs/heads/main"));
        Assert.Equal(RefUpdate.None, await _server.RefAsync("refs/heads/other"));
    }

    [Fact]
    public async Task Force_push_deploys_the_older_commit()
    {
        var client = await _server.NewClientAsync();
        var first = (await client.RunAsync("rev-parse", "HEAD")).Trim();
        await client.CommitAsync("two", "2");
        await client.RunAsync("push", "paas", "main");
        await client.RunAsync("push", "--force", "paas", $"{first}:main");
        Assert.Equal(2, _server.Deploys.Seen.Count);
        Assert.Equal(first, await _server.RefAsync("refs/heads/main"));
    }

    [Fact]
    public async Task Second_push_waits_and_is_refused_before_building_when_the_branch_moved()
    {
        var first = await _server.NewClientAsync();
        var second = await _server.NewClientAsync();
        await second.CommitAsync("other", "2");
        _server.Deploys.Block();
        var winner = first.RunAsync("push", "paas", "main");
        await _server.Deploys.StartedAsync();
        var loser = second.FailAsync("push", "paas", "main");
        await _server.Deploys.SomebodyWaitsAsync();
        Assert.Single(_server.Deploys.Seen);
        _server.Deploys.LetAllGo();
        await winner;
        var output = await loser;
        Assert.Contains("remote: Waiting for the deploy before this one.", output);
        Assert.Contains("remote: main moved while you waited: pull and push again.", output);
        Assert.Single(_server.Deploys.Seen);
        await _server.Deploys.IdleAsync();
    }

    [Fact]
    public async Task First_pushes_of_main_and_master_at_once_make_one_deploy_branch()
    {
        var first = await _server.NewClientAsync();
        var second = await _server.NewClientAsync();
        _server.Deploys.Block();
        var winner = first.RunAsync("push", "paas", "main:master");
        await _server.Deploys.StartedAsync();
        var loser = second.FailAsync("push", "paas", "main");
        await _server.Deploys.SomebodyWaitsAsync();
        _server.Deploys.LetAllGo();
        await winner;
        Assert.Contains("The deploy branch became 'master' while you waited, so 'main' was not deployed: push again.", await loser);
    }

    [Fact]
    public async Task App_destroyed_while_a_push_waits_refuses_it()
    {
        var first = await _server.NewClientAsync();
        var second = await _server.NewClientAsync();
        _server.Deploys.Block();
        var winner = first.TryAsync("push", "paas", "main");
        await _server.Deploys.StartedAsync();
        var loser = second.FailAsync("push", "paas", "main");
        await _server.Deploys.SomebodyWaitsAsync();
        _server.Forget(_server.App);
        _server.Deploys.LetAllGo();
        await winner;
        Assert.Contains("The app 'hello' was destroyed while you waited.", await loser);
    }

    [Fact]
    public async Task Commit_that_is_live_already_is_stored_without_a_build()
    {
        var client = await _server.NewClientAsync();
        _server.Deploys.Live = 4;
        var commit = (await client.RunAsync("rev-parse", "HEAD")).Trim();
        Assert.Contains($"Commit {commit[..7]} is already live as v4.", await client.RunAsync("push", "paas", "main"));
        Assert.Empty(_server.Deploys.Seen);
        Assert.Equal(commit, await _server.RefAsync("refs/heads/main"));
        Assert.Equal("main", _server.App.DeployBranch);
    }

    [Fact]
    public async Task Deploy_goes_on_when_the_client_is_killed()
    {
        var client = await _server.NewClientAsync();
        var commit = (await client.RunAsync("rev-parse", "HEAD")).Trim();
        _server.Deploys.Block();
        using (var push = client.Start("push", "paas", "main"))
        {
            await _server.Deploys.StartedAsync();
            push.Kill(entireProcessTree: true);
            await push.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        _server.Deploys.LetAllGo();
        await _server.Deploys.IdleAsync();
        Assert.IsType<DeployResult.Live>(Assert.Single(_server.Deploys.Ended));
        Assert.Equal(commit, await _server.RefAsync("refs/heads/main"));
    }

    [Fact]
    public async Task Push_that_still_waits_is_dropped_when_the_client_is_killed()
    {
        var first = await _server.NewClientAsync();
        var second = await _server.NewClientAsync();
        _server.Deploys.Block();
        var winner = first.RunAsync("push", "paas", "main");
        await _server.Deploys.StartedAsync();
        using (var push = second.Start("push", "paas", "main"))
        {
            await _server.Deploys.SomebodyWaitsAsync();
            push.Kill(entireProcessTree: true);
            await push.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        _server.Deploys.LetAllGo();
        await winner;
        await _server.Deploys.IdleAsync();
        Assert.Single(_server.Deploys.Seen);
    }

    [Fact]
    public async Task Restart_of_the_platform_interrupts_the_push_with_a_sentence()
    {
        var client = await _server.NewClientAsync();
        _server.Deploys.Block();
        var push = client.FailAsync("push", "paas", "main");
        await _server.Deploys.StartedAsync();
        await _server.StopAsync();
        Assert.Contains("The platform is being restarted, so this push was not deployed. Push again in a moment.", await push);
        Assert.Equal(RefUpdate.None, await _server.RefAsync("refs/heads/main"));
    }

    [Fact]
    public async Task Push_from_a_shallow_clone_is_taken()
    {
        var client = await _server.NewClientAsync();
        await client.CommitAsync("two", "2");
        var shallow = _server.NewFolder();
        await shallow.RunAsync("clone", "--quiet", "--depth=1", $"file://{client.Directory}", ".");
        await shallow.RunAsync("push", _server.UrlOf("hello"), "HEAD:main");
        Assert.Equal(["index.html", "two"], Assert.Single(_server.Deploys.Seen).Files.Keys.Order(StringComparer.Ordinal));
        await client.CommitAsync("three", "3");
        await client.RunAsync("push", "paas", "main");
    }

    [Fact]
    public async Task Destroyed_apps_repository_goes_to_the_trash()
    {
        var client = await _server.NewClientAsync();
        await client.RunAsync("push", "paas", "main");
        await _server.Repositories.TrashAsync(GitServer.Hello, TestContext.Current.CancellationToken);
        await _server.Repositories.TrashAsync(GitServer.Hello, TestContext.Current.CancellationToken);
        Assert.StartsWith("git-", Path.GetFileName(Assert.Single(Directory.EnumerateDirectories(Path.Combine(_server.Home.Trash, "7")))));
        await client.RunAsync("push", "paas", "main");
    }

    /// <summary>Cannot be written to, in a way that nobody foresees.</summary>
    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new NotSupportedException("broken");
    }
}
