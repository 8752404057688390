using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Paas.Client;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>Signatures and SBOMs as their tools push them: artifacts with a subject, found through the referrers API, and carried along by skopeo.</summary>
public sealed class ReferrersTests(Platform platform)
{
    private const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    private const string Signature = "application/vnd.dev.cosign.artifact.sig.v1+json";
    private const string Bom = "application/vnd.cyclonedx+json";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signature_and_an_sbom_of_an_image_are_listed_filtered_and_shown()
    {
        await using var lab = ClientLab.Start(platform);
        var repository = lab.Repository();
        await lab.PushAsync(repository, "1.0");
        var image = await platform.GetAsync<ManifestView>($"/registry/manifests/{repository}?reference=1.0", Cancelled);
        var signature = await RefersAsync(lab, repository, image.Digest, Signature, "a signature");
        await RefersAsync(lab, repository, image.Digest, Bom, "a bill of materials");

        Assert.Equal([Bom, Signature], await ReferrersAsync(lab, repository, image.Digest, ""));
        Assert.Equal([Signature], await ReferrersAsync(lab, repository, image.Digest, $"?artifactType={Uri.EscapeDataString(Signature)}"));
        var shown = await platform.GetAsync<ManifestView>($"/registry/manifests/{repository}?reference={image.Digest}", Cancelled);
        Assert.Equal(["SBOM", "signature"], shown.Referrers.Select(item => item.Kind).Order(StringComparer.Ordinal));

        var remote = $"docker://{lab.Host}/{repository}";
        var raw = (await lab.SkopeoAsync("inspect", "--raw", "--tls-verify=false", "--creds", $"any:{lab.Token}", $"{remote}@{signature}")).Succeeded().Output;
        Assert.Contains(image.Digest, raw, StringComparison.Ordinal);
    }

    private static async Task<string> RefersAsync(ClientLab lab, string repository, string subject, string type, string content)
    {
        var (empty, blob) = (await lab.BlobAsync(repository, "{}"), await lab.BlobAsync(repository, content));
        var manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{Manifest}}","artifactType":"{{type}}","config":{{empty}},"layers":[{{blob}}],"subject":{"mediaType":"{{Manifest}}","digest":"{{subject}}","size":1} }""");
        var digest = ClientLab.DigestOf(manifest);
        using var body = new ByteArrayContent(manifest) { Headers = { ContentType = new MediaTypeHeaderValue(Manifest) } };
        using var put = await lab.Visitor.PutAsync(new Uri(lab.Url($"{repository}/manifests/{digest}")), body, Cancelled);
        Assert.True(put.StatusCode == HttpStatusCode.Created, await put.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(subject, put.Headers.GetValues("OCI-Subject").Single());
        return digest;
    }

    private static async Task<string[]> ReferrersAsync(ClientLab lab, string repository, string digest, string query)
    {
        using var answer = JsonDocument.Parse(await lab.Visitor.GetStringAsync(new Uri(lab.Url($"{repository}/referrers/{digest}{query}")), Cancelled));
        return [.. answer.RootElement.GetProperty("manifests").EnumerateArray().Select(item => item.GetProperty("artifactType").GetString()!).Order(StringComparer.Ordinal)];
    }
}
