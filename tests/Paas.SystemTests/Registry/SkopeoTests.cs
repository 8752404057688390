using System.Text.Json;
using Paas.Client;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>Debian's skopeo, through the edge.</summary>
public sealed class SkopeoTests(Platform platform)
{
    private static readonly string[] Plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_is_copied_in_listed_inspected_copied_out_and_deleted()
    {
        await using var lab = ClientLab.Start(platform);
        var repository = lab.Repository();
        var remote = $"docker://{lab.Host}/{repository}";
        await lab.PushAsync(repository, "1.0");
        await lab.PushAsync(repository, "1.1");

        using var tags = JsonDocument.Parse((await lab.SkopeoAsync("list-tags", "--tls-verify=false", "--creds", $"any:{lab.Token}", remote)).Succeeded().Output);
        Assert.Equal(["1.0", "1.1"], tags.RootElement.GetProperty("Tags").EnumerateArray().Select(tag => tag.GetString()));
        using var inspected = JsonDocument.Parse((await lab.SkopeoAsync("inspect", "--tls-verify=false", "--creds", $"any:{lab.Token}", $"{remote}:1.0")).Succeeded().Output);
        Assert.Equal("amd64", inspected.RootElement.GetProperty("Architecture").GetString());
        (await lab.SkopeoAsync([.. (string[])["copy", "--quiet"], .. Plain, "--src-creds", $"any:{lab.Token}", $"{remote}:1.0", $"oci:{lab.Folder}/out:1.0"])).Succeeded();
        var pushed = await platform.GetAsync<ManifestView>($"/registry/manifests/{repository}?reference=1.0", Cancelled);
        Assert.Equal(
            ((string[])[pushed.Digest, pushed.Config!.Digest, pushed.Layers.Single().Digest]).Order(StringComparer.Ordinal),
            Directory.EnumerateFiles($"{lab.Folder}/out/blobs/sha256").Select(file => $"sha256:{Path.GetFileName(file)}").Order(StringComparer.Ordinal));

        // Both tags lead to one manifest: skopeo deletes it by digest, and both are gone.
        (await lab.SkopeoAsync("delete", "--tls-verify=false", "--creds", $"any:{lab.Token}", $"{remote}:1.0")).Succeeded();
        Assert.Empty(await platform.GetAsync<TagView[]>($"/registry/tags/{repository}", Cancelled));
        Assert.Contains("manifest unknown", (await lab.SkopeoAsync("inspect", "--tls-verify=false", "--creds", $"any:{lab.Token}", $"{remote}:1.0")).All, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_repository_is_mirrored_into_a_folder_and_back_into_another()
    {
        await using var lab = ClientLab.Start(platform);
        var (repository, other) = (lab.Repository(), lab.Repository("mirror"));
        await lab.PushAsync(repository, "1.0");
        await lab.PushAsync(repository, "2.0");
        (await lab.SkopeoAsync([.. (string[])["sync", "--src", "docker", "--dest", "dir"], .. Plain, "--src-creds", $"any:{lab.Token}", $"{lab.Host}/{repository}", $"{lab.Folder}/mirror"])).Succeeded();
        Assert.Equal(2, Directory.GetDirectories($"{lab.Folder}/mirror").Length);
        (await lab.SkopeoAsync([.. (string[])["sync", "--src", "dir", "--dest", "docker"], .. Plain, "--dest-creds", $"any:{lab.Token}", $"{lab.Folder}/mirror", $"{lab.Host}/{other}"])).Succeeded();
        var mirrored = await platform.GetAsync<RepositoryView[]>("/registry/repositories", Cancelled);
        Assert.Equal(2, mirrored.Single(item => item.Name == $"{other}/{repository.Split('/')[^1]}").Tags);
        using var gone = await platform.Api.DeleteAsync($"/api/v1/registry/repositories/{other}/{repository.Split('/')[^1]}", Cancelled);
        Assert.True(gone.IsSuccessStatusCode);
    }
}
