namespace Paas.Cli;

public sealed class BuildsCommandTests
{
    [Fact]
    public async Task Builds_are_listed_with_what_was_reused()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("builds -a shop"));
        Assert.Matches(@"4 +running +1234567890ab .* 1 reused, 1 made +paas/node", bench.Output);
        Assert.Matches(@"3 +built +1234567890ab .* 2\.0 s +1 reused, 1 made +paas/node +c{12}", bench.Output);
        Assert.Equal(0, await bench.RunAsync("builds -a shop --json"));
        Assert.Contains("\"milliseconds\": 250", bench.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_build_shows_where_and_its_last_lines()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("builds info 3 -a shop"));
        Assert.Contains("failure    npm could not install the packages.\nwhere      paas/node, build phase, exit code 3\n           npm ERR! 404\n", bench.Output, StringComparison.Ordinal);
        Assert.Matches(@"paas/node:modules +50\.0 MB +reused +c{12}", bench.Output);
    }

    [Fact]
    public async Task A_folder_is_built_without_a_release_and_how_to_deploy_it_is_said()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("build --local . -a shop"));
        Assert.Equal("POST /api/v1/apps/shop/builds", bench.Requests[^1]);
        Assert.Contains("-----> Building\n       npm ci\n\nBuilt sha256:ccc", bench.Output, StringComparison.Ordinal);
        Assert.Contains("Deploy it:  paas deploy --image :build-9 --app shop", bench.Output, StringComparison.Ordinal);
        Assert.Equal(0, await bench.RunAsync("build --local . -a shop --json"));
        Assert.StartsWith("{\n  \"number\": 9,", bench.Output, StringComparison.Ordinal);
        Assert.Equal(2, await bench.RunAsync("build -a shop"));
        Assert.Contains("Say which folder to build: paas build --local .", bench.Error, StringComparison.Ordinal);
        Assert.Equal(2, await bench.RunAsync("build --local /nowhere/at/all -a shop"));
        Assert.Contains("There is no folder /nowhere/at/all.", bench.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("builds cancel -a shop", "POST /api/v1/apps/shop/builds/4/cancel", "Cancelled build 4 of shop.")]
    [InlineData("builds cache clear -a shop", "DELETE /api/v1/apps/shop/builds/cache", "Cleared the build cache of shop (300.0 MB): its next build starts cold.")]
    [InlineData("builds cache clear --all", "DELETE /api/v1/apps/shop/builds/cache", "Cleared the build cache of shop (300.0 MB): its next build starts cold.")]
    [InlineData("builds cache", "GET /api/v1/builds/cache", "All caches of this platform take 5.0 GB of 20.0 GB.")]
    public async Task Each_command_is_one_request_and_says_what_it_did(string command, string request, string says)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync(command));
        Assert.Equal(request, bench.Requests[^1]);
        Assert.Contains(says, bench.Output, StringComparison.Ordinal);
    }
}
