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
    public async Task Browser_is_signed_in_by_a_link_that_is_printed_alone()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("login --browser"));
        Assert.Equal($"{bench.Url}/signin/code\n", bench.Output);
        Assert.Equal("It signs one browser in, once, until 03:04 UTC.\n", bench.Error);
        Assert.Equal(2, await bench.RunAsync("login --browser --token secret"));
    }

    [Fact]
    public async Task Sessions_are_listed_and_ended_one_by_one_or_all()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("sessions"));
        Assert.Contains("Firefox on Linux", bench.Output, StringComparison.Ordinal);
        Assert.Equal(0, await bench.RunAsync("sessions revoke 3"));
        Assert.Equal("DELETE /api/v1/sessions/3", bench.Requests[^1]);
        Assert.Equal(0, await bench.RunAsync("sessions revoke --all"));
        Assert.Equal("DELETE /api/v1/sessions", bench.Requests[^1]);
        Assert.Equal(2, await bench.RunAsync("sessions revoke"));
        Assert.Equal(2, await bench.RunAsync("sessions revoke 3 --all"));
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
