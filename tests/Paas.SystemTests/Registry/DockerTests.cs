using Paas.Testing;

namespace Paas.Registry;

/// <summary>Debian's docker, through the edge.</summary>
public sealed class DockerTests(Platform platform)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_logs_in_pulls_runs_pushes_and_pulls_again()
    {
        await using var lab = ClientLab.Start(platform);
        await using var docker = await DockerLab.StartAsync(Cancelled);
        var (repository, other) = (lab.Repository(), lab.Repository("other"));
        await lab.PushAsync(repository, "1.0");
        var (image, again) = ($"{lab.Host}/{repository}:1.0", $"{lab.Host}/{other}:2.0");

        Assert.NotEqual(0, (await docker.RunAsync(["login", "--username", "any", "--password", "wrong", lab.Host], Cancelled)).Code);
        (await docker.RunAsync(["login", "--username", "any", "--password", lab.Token, lab.Host], Cancelled)).Succeeded();
        Assert.Equal(ClientLab.Greeting, (await docker.RunAsync(["run", "--rm", "--network", "none", image], Cancelled)).Succeeded().Output.Trim());
        (await docker.RunAsync(["tag", image, again], Cancelled)).Succeeded();
        (await docker.RunAsync(["push", again], Cancelled)).Succeeded();
        (await docker.RunAsync(["rmi", image, again], Cancelled)).Succeeded();
        (await docker.RunAsync(["pull", again], Cancelled)).Succeeded();
        Assert.Equal(ClientLab.Greeting, (await docker.RunAsync(["run", "--rm", "--network", "none", again], Cancelled)).Succeeded().Output.Trim());

        (await docker.RunAsync(["logout", lab.Host], Cancelled)).Succeeded();
        (await docker.RunAsync(["rmi", again], Cancelled)).Succeeded();
        var refused = await docker.RunAsync(["pull", again], Cancelled);
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("access denied", refused.All, StringComparison.OrdinalIgnoreCase);
    }
}
