using System.Diagnostics;

namespace Paas.Git;

/// <summary>Git as a user of its own, which only root can arrange. "nobody" stands for paas-git: every machine has it.</summary>
public sealed class GitAsItsUserTests : IAsyncLifetime
{
    private GitServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(SystemUser.Self == 0, "needs root");
        _server = await GitServer.StartAsync(options => options.User = "nobody");
    }

    public ValueTask DisposeAsync() => _server is null ? ValueTask.CompletedTask : _server.DisposeAsync();

    [Fact]
    public async Task Push_and_clone_work_and_git_owns_its_repository_and_nothing_else()
    {
        var client = await _server.NewClientAsync();
        uint owner = 0;
        _server.Deploys.Behave = (source, line, cancellationToken) =>
        {
            owner = OwnerOf(Path.Combine(source.Directory, "index.html"));
            return FakeDeploys.LiveAtOnce(source, line, cancellationToken);
        };
        await client.RunAsync("push", "paas", "main", "main:other");
        await _server.NewFolder().RunAsync("clone", "--quiet", _server.UrlOf("hello"), ".");

        var nobody = SystemUser.Find("nobody")!.Uid;
        Assert.Equal(nobody, owner);
        Assert.Equal(nobody, OwnerOf(Path.Combine(_server.Repositories.PathOf(GitServer.Hello), "HEAD")));
        Assert.Equal(0u, OwnerOf(_server.Home.Git));
        Assert.Equal(0u, OwnerOf(Path.Combine(_server.Repositories.Hooks, "pre-receive")));
    }

    [Fact]
    public async Task Hook_socket_answers_git_only()
    {
        // Root is not git's user: the hook is turned away before it has said anything.
        var start = new ProcessStartInfo(NativeHook.Path) { RedirectStandardInput = true, RedirectStandardError = true };
        start.Environment["PAAS_HOOK_SOCKET"] = _server.Home.HookSocket;
        start.Environment["PAAS_PUSH"] = "guessed";
        using var hook = Process.Start(start)!;
        hook.StandardInput.Close();
        Assert.Contains("The platform went away before it had decided on this push", await hook.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await hook.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, hook.ExitCode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(_server.Home.HookSocket));
    }

    private static uint OwnerOf(string path)
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["--format=%u", "--", path]) { RedirectStandardOutput = true })!;
        return uint.Parse(stat.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
