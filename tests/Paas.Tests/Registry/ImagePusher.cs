using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Paas.Accounts;
using Paas.Oci;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>Pushes small images to a whole platform as a client of the registry does.</summary>
internal sealed class ImagePusher : IDisposable
{
    private readonly HttpClient _client;

    /// <param name="token">Null: the first administrator's.</param>
    public ImagePusher(TestPaas paas, string? token = null)
    {
        token ??= paas.Services.GetRequiredService<Tokens>().Create(paas.Services.GetRequiredService<AccountStore>().Bootstrap(null).Id, $"push-{Guid.NewGuid():N}");
        _client = new HttpClient { BaseAddress = paas.Api.BaseAddress };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"x:{token}")));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async Task<(Digest Digest, int Size)> BlobAsync(string repository, string content)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        var digest = Digest.Of(bytes);
        using var started = await _client.PostAsync($"/v2/{repository}/blobs/uploads/", null, Cancelled);
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        using var done = await _client.PutAsync($"{started.Headers.Location}?digest={digest}", new ByteArrayContent(bytes), Cancelled);
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
        return (digest, bytes.Length);
    }

    public async Task<Digest> ManifestAsync(string repository, string? tag, string manifest, string type = MediaTypes.Manifest)
    {
        var bytes = Encoding.UTF8.GetBytes(manifest);
        using var content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        using var put = await _client.PutAsync($"/v2/{repository}/manifests/{tag ?? Digest.Of(bytes).ToString()}", content, Cancelled);
        Assert.True(put.StatusCode == HttpStatusCode.Created, await put.Content.ReadAsStringAsync(Cancelled));
        return Digest.Of(bytes);
    }

    /// <summary>An image with these layers.</summary>
    /// <param name="tag">Null: by its digest alone.</param>
    public async Task<Digest> ImageAsync(string repository, string? tag, string config = """{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}""", params string[] layers)
    {
        var made = await BlobAsync(repository, config);
        var parts = new List<string>();
        foreach (var layer in layers)
        {
            parts.Add(Descriptor(MediaTypes.Layer, await BlobAsync(repository, layer)));
        }

        return await ManifestAsync(repository, tag, $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Manifest}}","config":{{Descriptor(MediaTypes.Config, made)}},"layers":[{{string.Join(",", parts)}}] }""");
    }

    /// <summary>What refers to an image: a signature or the like.</summary>
    public async Task<Digest> ArtifactAsync(string repository, string type, Digest subject, string content = "signed")
    {
        var (empty, layer) = (await BlobAsync(repository, "{}"), await BlobAsync(repository, content));
        return await ManifestAsync(repository, null, $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.Manifest}}","artifactType":"{{type}}","config":{{Descriptor(MediaTypes.Empty, empty)}},"layers":[{{Descriptor("text/plain", layer)}}],
             "subject":{"mediaType":"{{MediaTypes.Manifest}}","digest":"{{subject}}","size":1} }
            """);
    }

    public void Dispose() => _client.Dispose();

    private static string Descriptor(string type, (Digest Digest, int Size) blob) => $$"""{"mediaType":"{{type}}","digest":"{{blob.Digest}}","size":{{blob.Size}} }""";
}
