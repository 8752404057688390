using Paas.Testing;

namespace Paas.Registry;

/// <summary>Debian's podman, as root and with storage of its own, through the edge.</summary>
public sealed class PodmanTests(Platform platform)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_logs_in_pushes_pulls_runs_and_logs_out()
    {
        await using var lab = ClientLab.Start(platform);
        await using var podman = await PodmanLab.StartAsync(Cancelled);
        var repository = lab.Repository();
        var image = $"{lab.Host}/{repository}:1.0";
        await lab.PushAsync(repository, "first");

        var refused = await podman.RunAsync(["login", "--tls-verify=false", "--authfile", lab.AuthFile, "--username", "any", "--password", "wrong", lab.Host], Cancelled);
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("invalid username/password", refused.All, StringComparison.Ordinal);
        (await podman.RunAsync(["login", "--tls-verify=false", "--authfile", lab.AuthFile, "--username", "any", "--password", lab.Token, lab.Host], Cancelled)).Succeeded();
        (await podman.RunAsync(["pull", "--tls-verify=false", "--authfile", lab.AuthFile, $"{lab.Host}/{repository}:first"], Cancelled)).Succeeded();
        (await podman.RunAsync(["tag", $"{lab.Host}/{repository}:first", image], Cancelled)).Succeeded();
        (await podman.RunAsync(["push", "--tls-verify=false", "--authfile", lab.AuthFile, image], Cancelled)).Succeeded();
        (await podman.RunAsync(["rmi", "--all", "--force"], Cancelled)).Succeeded();

        var ran = (await podman.RunAsync(
            ["run", "--rm", "--tls-verify=false", "--authfile", lab.AuthFile, "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", image], Cancelled)).Succeeded();
        Assert.Equal(ClientLab.Greeting, ran.Output.Trim());
        (await podman.RunAsync(["logout", "--authfile", lab.AuthFile, lab.Host], Cancelled)).Succeeded();
        Assert.NotEqual(0, (await podman.RunAsync(["pull", "--tls-verify=false", "--authfile", lab.AuthFile, $"{lab.Host}/{repository}:first"], Cancelled)).Code);
    }
}
