using System.Globalization;
using System.Text.RegularExpressions;
using Paas.Testing;

namespace Paas.Builds;

/// <summary>Builds while nothing of the platform's sandboxes gets out: what caches were filled for needs no network.</summary>
[Collection(OwnPlatform.Name)]
public sealed partial class OfflineTests(Platform platform) : IAsyncDisposable
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Table => $"test_{platform.Home.Tag}";

    [GeneratedRegex(@"counter packets (\d+)")]
    private static partial Regex Packets { get; }

    [Fact]
    public async Task Static_procfile_and_warm_node_apps_are_built_with_the_network_cut()
    {
        await using var node = await PushedApp.LiveAsync(platform, "hello-node");
        await CutAsync();

        await using var site = await PushedApp.LiveAsync(platform, "hello-static");
        Assert.Contains("Hello from a static site", (await site.VisitAsync()).Body, StringComparison.Ordinal);

        await using var answers = await PushedApp.LiveAsync(platform, "answers");
        Assert.Equal($"Hello from {answers.Name} v1\n", (await answers.VisitAsync()).Body);

        var warm = (await node.PushChangeAsync("note.txt", "only code")).Succeeded();
        Assert.Contains("(kept)", warm.Error, StringComparison.Ordinal);
        Assert.Equal($"Hello from {node.Name} v2\n", (await node.VisitAsync()).Body);
    }

    [Fact]
    public async Task A_build_that_needs_the_registry_says_that_it_does_not_answer()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        await CutAsync();
        await app.WriteAsync("package.json", """{ "name": "old", "private": true, "scripts": { "start": "node server.js" }, "engines": { "node": "20.x" } }""");
        await app.CommitAsync("A Node that no cache has");
        var push = await app.PushAsync();
        Assert.NotEqual(0, push.Code);
        Assert.Contains("The package registry did not answer for node", push.Error, StringComparison.Ordinal);
        Assert.True(await DroppedAsync() > 0, "Nothing tried to get out: the network was not what was tested.");
    }

    public async ValueTask DisposeAsync() => await Command.RunAsync("nft", ["delete", "table", "inet", Table], CancellationToken.None);

    /// <summary>Everything from this home's interfaces to elsewhere and to the platform's DNS is lost, before the platform's own rules of forwarding.</summary>
    private async Task CutAsync()
    {
        var ours = $"\"p{platform.Home.Tag}*\"";
        (await Command.RunAsync(
            "nft",
            [$"table inet {Table} {{\nchain out {{\ntype filter hook prerouting priority -100; policy accept;\niifname {ours} ct state new counter drop\n}}\n}}"],
            Cancelled)).Succeeded();
    }

    private async Task<int> DroppedAsync()
    {
        var list = (await Command.RunAsync("nft", ["list", "table", "inet", Table], Cancelled)).Succeeded();
        return int.Parse(Packets.Match(list.Output).Groups[1].Value, CultureInfo.InvariantCulture);
    }
}
