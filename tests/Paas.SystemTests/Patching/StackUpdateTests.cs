using System.Net;
using System.Text.Json;
using Paas.Client;
using Paas.Testing;

namespace Paas.Patching;

/// <summary>`paas stack update` on a real platform with a really different run image, while visitors come and go.</summary>
[Collection(StackPlatform.Name)]
public sealed class StackUpdateTests(StackPlatform stack)
{
    /// <summary>Node, its bill of materials, app, launcher, config, process types: the run image below them may have any number.</summary>
    private const int OwnLayers = 6;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Platform Platform => stack.Platform;

    [Fact]
    public async Task Apps_move_to_a_new_run_image_without_a_build_and_no_visitor_notices()
    {
        await using var site = await PushedApp.LiveAsync(Platform, "hello-static");
        await using var node = await PushedApp.LiveAsync(Platform, "hello-node");
        await using var empty = await PushedApp.CreateAsync(Platform, null);
        var before = (await site.VisitAsync()).Body;
        var (run, version) = await stack.NewRunImageAsync();
        using var siteLoad = new Load(Platform, site.Url());
        using var nodeLoad = new Load(Platform, node.Url());

        var update = await UpdateAsync();

        Assert.Equal(("done", run.ToString()), (update.State, update.RunImageAfter));
        Assert.Equal("rebased 1 2", Said(update, site.Name));
        Assert.Equal("rebased 1 2", Said(update, node.Name));
        Assert.Equal("skipped  ", Said(update, empty.Name));
        Assert.Equal(before, (await site.VisitAsync()).Body);
        await site.ChangeAsync(HttpMethod.Post, "/rollback", new RollBack(1));
        Assert.Empty(await siteLoad.StopAsync());
        Assert.Empty(await nodeLoad.StopAsync());
        Assert.True(siteLoad.Answered > 0 && nodeLoad.Answered > 0);

        // Nothing was built: no phase of one, and the app's layers are the same.
        var deploy = (await node.DeploysAsync())[0];
        Assert.Equal("stack", deploy.Cause);
        Assert.DoesNotContain(deploy.Phases, phase => phase.Name == "build");
        var layers = await Task.WhenAll(LayersAsync(node.Name, "v1"), LayersAsync(node.Name, "v2"));
        Assert.Equal(layers[0].Count + 1, layers[1].Count);
        Assert.Equal(layers[0].TakeLast(OwnLayers), layers[1].TakeLast(OwnLayers));

        // What is inside is known, of the old one and of the new one.
        var packages = await Platform.GetAsync<PackageView[]>($"/apps/{node.Name}/releases/2/packages", Token);
        Assert.Equal(version, packages.Single(package => package.Name == "nginx").Version);
        Assert.Contains(packages, package => package is { Name: "node", Origin: "paas/node" });
        var found = await Platform.GetAsync<ContainingView>($"/releases/containing?package=nginx&version={version}", Token);
        Assert.Contains(found.Releases, release => release.App == node.Name && release is { Release: 2, Current: true });
        Assert.DoesNotContain(found.Releases, release => release.App == node.Name && release.Release == 1);
    }

    [Fact]
    public async Task A_platform_that_restarts_meanwhile_says_so_and_goes_on_where_it_was()
    {
        await using var first = await PushedApp.LiveAsync(Platform, "hello-static");
        await using var second = await PushedApp.LiveAsync(Platform, "hello-static");
        await stack.NewRunImageAsync();
        var (status, body) = await Platform.SendAsync(HttpMethod.Post, "/stack/updates", new StartStackUpdate(true), Token);
        Assert.Equal(HttpStatusCode.Accepted, status);
        var begun = JsonSerializer.Deserialize(body, ContractJson.Default.StackUpdateView)!;

        (await Command.RunAsync("kill", ["-KILL", Platform.PidOf("control").ToString(System.Globalization.CultureInfo.InvariantCulture)], Token)).Succeeded();
        await Task.Delay(500, Token);
        await Platform.ReadyAsync(Token);

        var interrupted = await Platform.GetAsync<StackUpdateView>($"/stack/updates/{begun.Id}", Token);
        Assert.Contains(interrupted.State, (string[])["interrupted", "done"]);
        await UpdateAsync();
        foreach (var app in (PushedApp[])[first, second])
        {
            var view = (await Platform.GetAsync<StackView>("/stack", Token)).Apps.Single(item => item.App == app.Name);
            Assert.Equal("current", view.State);
            Assert.Equal(HttpStatusCode.OK, (await app.VisitAsync()).Status);
        }
    }

    private async Task<StackUpdateView> UpdateAsync()
    {
        var (status, body) = await Platform.SendAsync(HttpMethod.Post, "/stack/updates", new StartStackUpdate(true), Token);
        Assert.True(status == HttpStatusCode.Accepted, body);
        var update = JsonSerializer.Deserialize(body, ContractJson.Default.StackUpdateView)!;
        while (update.State == "running")
        {
            await Task.Delay(200, Token);
            update = await Platform.GetAsync<StackUpdateView>($"/stack/updates/{update.Id}", Token);
        }

        return update;
    }

    private async Task<IReadOnlyList<string>> LayersAsync(string app, string tag) =>
        [.. (await Platform.GetAsync<ManifestView>($"/registry/manifests/{app}?reference={tag}", Token)).Layers.Select(layer => layer.Digest)];

    private static string Said(StackUpdateView update, string app) =>
        update.Apps.Single(item => item.App == app) is var said ? FormattableString.Invariant($"{said.Outcome} {said.From} {said.To}") : "";
}
