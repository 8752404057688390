using Paas.Client;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>Debian's buildah, through the edge: images that are built elsewhere and joined to a list.</summary>
public sealed class BuildahTests(Platform platform)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_of_two_platforms_is_built_pushed_and_found_with_its_parts()
    {
        await using var lab = ClientLab.Start(platform);
        var repository = lab.Repository();
        foreach (var architecture in (string[])["amd64", "arm64"])
        {
            var container = (await lab.BuildahAsync("from", "--arch", architecture, "scratch")).Succeeded().Output.Trim();
            (await lab.BuildahAsync("copy", container, await lab.ProgramAsync(), "/hello")).Succeeded();
            (await lab.BuildahAsync("config", "--arch", architecture, "--entrypoint", "[\"/hello\"]", container)).Succeeded();
            (await lab.BuildahAsync("commit", container, $"localhost/hello:{architecture}")).Succeeded();
        }

        (await lab.BuildahAsync("push", "--tls-verify=false", "--creds", $"any:{lab.Token}", "localhost/hello:amd64", $"docker://{lab.Host}/{repository}:one")).Succeeded();
        (await lab.BuildahAsync("manifest", "create", "localhost/many", "localhost/hello:amd64", "localhost/hello:arm64")).Succeeded();
        (await lab.BuildahAsync("manifest", "push", "--all", "--tls-verify=false", "--creds", $"any:{lab.Token}", "localhost/many", $"docker://{lab.Host}/{repository}:many")).Succeeded();

        var many = await platform.GetAsync<ManifestView>($"/registry/manifests/{repository}?reference=many", Cancelled);
        Assert.Equal("index", many.Kind);
        Assert.Equal(["linux/amd64", "linux/arm64"], many.Manifests.Select(child => child.Platform).Order(StringComparer.Ordinal));
        Assert.All(many.Manifests, child => Assert.True(child.Present));
        Assert.Equal(["index", "image"], (await platform.GetAsync<TagView[]>($"/registry/tags/{repository}", Cancelled)).Select(tag => tag.Kind));

        (await lab.BuildahAsync("rm", "--all")).Succeeded();
        (await lab.BuildahAsync("rmi", "--all", "--force")).Succeeded();
        (await lab.BuildahAsync("pull", "--tls-verify=false", "--creds", $"any:{lab.Token}", "--arch", "arm64", $"docker://{lab.Host}/{repository}:many")).Succeeded();
    }
}
