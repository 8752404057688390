namespace Paas.Cli;

public sealed class SignInTests
{
    [Fact]
    public async Task Login_keeps_a_token_that_works_readable_by_its_owner_alone()
    {
        await using var bench = await CliBench.StartAsync();
        bench.Variables.Remove("PAAS_TOKEN");
        bench.Variables.Remove("PAAS_URL");
        Assert.Equal(3, await bench.RunAsync($"login --url {bench.Url} --token wrong"));
        Assert.False(Directory.Exists(Path.Combine(bench.Home, ".config")));
        Assert.Equal(0, await bench.RunAsync($"login --url {bench.Url} --token-stdin", "secret\n"));
        var file = Path.Combine(bench.Home, ".config/paas/credentials.json");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        Assert.Equal(0, await bench.RunAsync("whoami"));
        Assert.StartsWith("ada (team main, token cli)", bench.Output, StringComparison.Ordinal);
        Assert.Equal(0, await bench.RunAsync("logout"));
        Assert.Equal(3, await bench.RunAsync("whoami"));
    }

    [Fact]
    public async Task Home_without_a_platform_is_never_another_platform()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("login --token secret"));
        bench.Variables.Remove("PAAS_TOKEN");
        bench.Variables.Remove("PAAS_URL");
        bench.Variables["PAAS_HOME"] = bench.Home;
        Assert.Equal(3, await bench.RunAsync("whoami"));
        await File.WriteAllTextAsync(Path.Combine(bench.Home, "url"), bench.Url + "\n", TestContext.Current.CancellationToken);
        Assert.Equal(0, await bench.RunAsync("whoami"));
    }

    [Fact]
    public async Task Git_gets_the_token_for_the_platform_and_nothing_for_others()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("git-credential get", $"protocol=http\nhost={new Uri(bench.Url).Authority}\n\n"));
        Assert.Equal("username=paas\npassword=secret\n", bench.Output);
        Assert.Equal(0, await bench.RunAsync("git-credential get", "protocol=https\nhost=example.com\n\n"));
        Assert.Empty(bench.Output);
        Assert.Equal(0, await bench.RunAsync("git-credential erase", "protocol=http\n\n"));
    }

    [Fact]
    public async Task New_app_in_a_repository_becomes_its_remote_and_its_app()
    {
        await using var bench = await CliBench.StartAsync();
        using (var git = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("git", ["init", "--quiet", bench.Home]))!)
        {
            await git.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, await bench.RunAsync("apps create shop"));
        Assert.EndsWith($"\n{bench.Url}/git/shop.git\n", bench.Output, StringComparison.Ordinal);
        Assert.Contains("git push paas main", bench.Error, StringComparison.Ordinal);
        var config = await File.ReadAllTextAsync(Path.Combine(bench.Home, ".git/config"), TestContext.Current.CancellationToken);
        Assert.Contains("git-credential", config, StringComparison.Ordinal);
        Assert.Equal(0, await bench.RunAsync("ps"));
        Assert.Equal("GET /api/v1/apps/shop/instances", bench.Requests[^1]);
    }
}
