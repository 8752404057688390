using System.Net;
using Paas.Testing;

namespace Paas.Languages;

/// <summary>Node apps of each package manager, and one of Deno, pushed, built, run and fetched; and what of them the image has.</summary>
public sealed class NodeTests(Platform platform)
{
    [Fact]
    public async Task TypeScript_is_compiled_and_only_what_runs_is_in_the_image()
    {
        await using var app = await LiveAsync("node-typescript");
        Assert.Equal("express, node v24, NODE_ENV production\ndev dependencies pruned: true\n", (await app.VisitAsync()).Body);
        Assert.Equal("no database\n", (await app.VisitAsync("/time")).Body);
        Assert.Contains("node dist/server.js", await app.ReadAsync("/formation"), StringComparison.Ordinal);

        var warm = (await app.PushChangeAsync("note.txt", "only code")).Succeeded();
        Assert.Contains("packages for the build script: unchanged (kept)", warm.Error, StringComparison.Ordinal);
        Assert.Contains("packages: unchanged (kept)", warm.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node-pnpm", "pnpm 10.34.0", "hello workspace, 2d, built true\nown ms 2.1.2\ndev dependencies pruned: true\n")]
    [InlineData("node-yarn", "yarn 4.10.3", "hello workspace, 2d, built true\nown ms 2.1.2\ndev dependencies pruned: true\n")]
    [InlineData("node-deno", "Deno 2.", "deno 2, 2d\n")]
    [InlineData("node-bun", "bun 1.", "bun 1, 2d\ndev dependencies pruned: true\n")]
    public async Task Each_package_manager_installs_by_its_own_lock_file(string sample, string manager, string page)
    {
        LongTests.Only("other package managers than npm");
        await using var app = await PushedApp.CreateAsync(platform, sample);
        await NpmRegistry.SkipWithoutAsync();
        Assert.Contains(manager, (await app.PushAsync()).Succeeded().Error, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, page), await app.VisitAsync());
        Assert.Contains("(kept)", (await app.PushChangeAsync("note.txt", "only code")).Succeeded().Error, StringComparison.Ordinal);
        Assert.Equal(page, (await app.VisitAsync()).Body);
    }

    private async Task<PushedApp> LiveAsync(string sample)
    {
        await NpmRegistry.SkipWithoutAsync();
        return await PushedApp.LiveAsync(platform, sample);
    }
}
