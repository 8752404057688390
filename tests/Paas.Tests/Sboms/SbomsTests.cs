using System.Net;
using System.Text.Json.Nodes;
using Paas.Apps;
using Paas.Client;
using Paas.Oci;
using Paas.Patching;
using Paas.Testing;

namespace Paas.Sboms;

/// <summary>What is inside releases, over HTTP, from real images of a few bytes.</summary>
public sealed class SbomsTests : IAsyncLifetime
{
    private const string Npm = """{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"library","bom-ref":"e","name":"express","version":"4.18.2","purl":"pkg:npm/express@4.18.2","licenses":[{"license":{"id":"MIT"}}]},{"type":"library","group":"@types","name":"node","version":"24.0.0"},{"type":"library","name":"nameless"}]}""";

    private StackLab _lab = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private App App => _lab.Live.Get<AppStore>().All().Single(app => app.Name == "hello");

    public async ValueTask InitializeAsync() => _lab = await StackLab.StartAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task A_releases_bill_of_materials_has_the_run_image_and_what_the_buildpacks_said()
    {
        var image = await AppAsync("1:2.0+b1");
        await _lab.DeployAsync(App, image);

        using var answer = await _lab.Live.Paas.Api.GetAsync("/api/v1/apps/hello/releases/2/sbom", Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        var document = JsonNode.Parse(text)!;

        Assert.Equal("application/vnd.cyclonedx+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("CycloneDX", "1.5", "hello", "v2"), ((string?)document["bomFormat"], (string?)document["specVersion"], (string?)document["metadata"]!["component"]!["name"], (string?)document["metadata"]!["component"]!["version"]));
        Assert.Equal(
            ["bash 5 run image", "nginx 1:2.0+b1 run image", "express 4.18.2 paas/node", "node 24.0.0 paas/node", "nameless  paas/node"],
            document["components"]!.AsArray().Select(component => $"{component!["name"]} {component["version"]} {component["properties"]![0]!["value"]}"));
        Assert.Equal("pkg:deb/debian/nginx@1%3A2.0%2Bb1?arch=amd64", (string?)document["components"]![1]!["purl"]);
        Assert.Equal("MIT", (string?)document["components"]![2]!["licenses"]![0]!["license"]!["id"]);
        Assert.Equal("paas/node#e", (string?)document["components"]![2]!["bom-ref"]);
        Assert.Equal(text, await _lab.Live.Paas.Api.GetStringAsync("/api/v1/apps/hello/releases/2/sbom", Cancelled));
    }

    [Theory]
    [InlineData("express", null, "hello v2 express 4.18.2 paas/node")]
    [InlineData("@types/node", null, "hello v2 @types/node 24.0.0 paas/node")]
    [InlineData("nginx-source", null, "hello v2 nginx 1 run image")]
    [InlineData("nginx", "1", "hello v2 nginx 1 run image")]
    [InlineData("nginx", "2", null)]
    [InlineData("left-pad", null, null)]
    public async Task Releases_with_a_package_are_found(string package, string? version, string? found)
    {
        await _lab.DeployAsync(App, await AppAsync("1"));

        var view = await ContainingAsync(_lab.Live.Paas.Api, package, version);

        Assert.Equal(found is null ? [] : [found], view.Releases.Select(release => $"{release.App} v{release.Release} {release.Name} {release.Version} {release.Origin}"));
        Assert.All(view.Releases, release => Assert.True(release.Current));
        Assert.Equal(["hello v1: Its image is not whole."], view.Unknown.Select(release => $"{release.App} v{release.Release}: {release.Sentence}"));
        Assert.Empty((await ContainingAsync(_lab.Live.Paas.OtherTeam("other"), package, version)).Releases);
    }

    [Fact]
    public async Task After_an_update_the_old_release_has_the_old_package_and_the_new_one_the_new()
    {
        await _lab.DeployAsync(App, await AppAsync("1"));
        await _lab.NewBaseAsync("2");
        await _lab.UpdateAsync();

        var view = await ContainingAsync(_lab.Live.Paas.Api, "nginx", null);

        Assert.Equal(["3 2 True", "2 1 False"], view.Releases.Select(release => $"{release.Release} {release.Version} {release.Current}"));
        Assert.Equal(2, (await ContainingAsync(_lab.Live.Paas.Api, "express", null)).Releases.Count);
    }

    [Fact]
    public async Task A_releases_packages_are_listed_by_name()
    {
        await _lab.DeployAsync(App, await AppAsync("1"));

        var packages = await _lab.Live.Paas.Api.GetAsync("/api/v1/apps/hello/releases/2/packages", Cancelled).ReadAsync<PackageView[]>(HttpStatusCode.OK);

        Assert.Equal(["@types/node", "bash", "express", "nginx"], packages.Select(package => package.Name));
        Assert.Equal("nginx-source", packages[3].Source);
    }

    [Theory]
    [InlineData("releases/1/sbom", HttpStatusCode.Conflict, "The image of v1 of hello is not there any more, so it cannot be told what is inside.")]
    [InlineData("releases/1/packages", HttpStatusCode.Conflict, "The image of v1 of hello is not there any more, so it cannot be told what is inside.")]
    [InlineData("releases/9/sbom", HttpStatusCode.NotFound, "There is no release v9 of hello. See them with: paas releases")]
    public async Task What_cannot_be_told_is_said(string path, HttpStatusCode status, string sentence) =>
        Assert.Equal(sentence, (await _lab.Live.Paas.Api.GetAsync($"/api/v1/apps/hello/{path}", Cancelled).ProblemAsync(status)).Detail);

    private static Task<ContainingView> ContainingAsync(HttpClient api, string package, string? version) =>
        api.GetAsync($"/api/v1/releases/containing?package={Uri.EscapeDataString(package)}{(version is null ? "" : $"&version={version}")}", Cancelled).ReadAsync<ContainingView>(HttpStatusCode.OK);

    private async Task<Image> AppAsync(string nginx) => await _lab.Images.AppAsync(
        await _lab.NewBaseAsync(nginx),
        [$"layers/sbom/launch/paas_node/sbom.cdx.json={Npm}", "workspace/server.js=listen()"],
        (label, layers) => label["sbom"] = new JsonObject { ["sha"] = layers[0].ToString() });
}
