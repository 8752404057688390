namespace Paas.Cli;

public sealed class DeployCommandTests
{
    [Fact]
    public async Task An_image_is_deployed_and_its_log_shown_to_the_end()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("deploy --image ghcr.io/team/app:1.2 -a shop"));
        Assert.Contains("""POST /api/v1/apps/shop/deploys {"image":"ghcr.io/team/app:1.2","follow":false}""", bench.Requests);
        Assert.Contains("line 3", bench.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_wait_is_told_how_to_follow()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("deploy --image nginx --follow --detach -a shop"));
        Assert.Equal("""POST /api/v1/apps/shop/deploys {"image":"nginx","follow":true}""", bench.Requests[^1]);
        Assert.Contains("Deploy v3 of shop has begun. Follow it with: paas deploys log 3 -f --app shop", bench.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Following_ends()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("deploy --unfollow -a shop"));
        Assert.Equal("DELETE /api/v1/apps/shop/followed-image", bench.Requests[^1]);
        Assert.Contains("shop follows no image.", bench.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deploy -a shop", "Say which image")]
    [InlineData("deploy --unfollow --follow -a shop", "--unfollow stands alone")]
    [InlineData("registry login ghcr.io --username me", "so that no shell remembers it")]
    [InlineData("registry login ghcr.io --username me --password-stdin", "No password came from the standard input")]
    public async Task What_is_missing_is_said(string command, string sentence)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(2, await bench.RunAsync(command));
        Assert.Contains(sentence, bench.Error, StringComparison.Ordinal);
        Assert.Empty(bench.Requests);
    }

    [Theory]
    [InlineData("ghcr.io", "ghcr.io", "false")]
    [InlineData("http://127.0.0.1:5000/", "127.0.0.1", "true")]
    public async Task A_login_comes_from_the_standard_input(string host, string asked, string plain)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync($"registry login {host} -u me --password-stdin", input: "token\n"));
        Assert.StartsWith($"PUT /api/v1/registry-credentials/{asked}", bench.Requests[^1], StringComparison.Ordinal);
        Assert.EndsWith($$"""{"username":"me","password":"token","plainHttp":{{plain}}}""", bench.Requests[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("token", bench.Output.Replace("encrypted", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logins_are_listed_and_forgotten()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("registry logins"));
        Assert.Contains("ghcr.io   me    ada", bench.Output, StringComparison.Ordinal);
        Assert.Equal(0, await bench.RunAsync("registry logout ghcr.io"));
        Assert.Equal("DELETE /api/v1/registry-credentials/ghcr.io", bench.Requests[^1]);
    }
}
