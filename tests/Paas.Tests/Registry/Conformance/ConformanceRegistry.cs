using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Paas.Accounts;
using Paas.Oci;
using Paas.Testing;

namespace Paas.Registry.Conformance;

/// <summary>The registry as clients reach it, through a real edge, for what the official suites of the distribution specification ask:
/// the one tagged v1.1.1 and the one on its main branch.</summary>
public sealed class ConformanceRegistry : IAsyncLifetime
{
    private TestPaas _paas = null!;

    public HttpClient Client { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _paas = await TestPaas.StartAsync();
        var token = _paas.Services.GetRequiredService<Tokens>().Create(_paas.Services.GetRequiredService<AccountStore>().Bootstrap(null).Id, "conformance");
        Client = new HttpClient { BaseAddress = _paas.EdgeUrl };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"x:{token}")));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _paas.DisposeAsync();
    }

    /// <summary>A name that nobody has used.</summary>
    public static string NewRepository() => $"conformance/{Guid.NewGuid():n}";

    public static Digest DigestOf(byte[] content, string algorithm = "sha256") =>
        algorithm == "sha512" ? Digest.FromHash(SHA512.HashData(content)) : Digest.Of(content);

    /// <param name="headers">"Name: value".</param>
    public async Task<HttpResponseMessage> Send(string method, string path, byte[]? body = null, params string[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Parse(method), path) { Content = body is null ? null : new ByteArrayContent(body) };
        foreach (var header in headers)
        {
            var (name, value) = (header[..header.IndexOf(':', StringComparison.Ordinal)], header[(header.IndexOf(':', StringComparison.Ordinal) + 2)..]);
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await Client.SendAsync(request, Cancellation);
    }

    /// <summary>The Location of a new upload.</summary>
    public async Task<string> StartUpload(string repository, string query = "")
    {
        using var response = await Send("POST", $"/v2/{repository}/blobs/uploads/{query}", []);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return response.Headers.Location!.ToString();
    }

    public async Task<Digest> Push(string repository, byte[] content, string algorithm = "sha256")
    {
        var digest = DigestOf(content, algorithm);
        using var done = await Send("POST", $"/v2/{repository}/blobs/uploads/?digest={Uri.EscapeDataString(digest.ToString())}", content);
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
        return digest;
    }

    public async Task<Digest> PutManifest(string repository, string content, string? tag = null, string type = MediaTypes.Manifest, string algorithm = "sha256")
    {
        var digest = DigestOf(Encoding.UTF8.GetBytes(content), algorithm);
        using var put = await Send("PUT", $"/v2/{repository}/manifests/{tag ?? digest.ToString()}", Encoding.UTF8.GetBytes(content), $"Content-Type: {type}");
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        return digest;
    }

    /// <summary>A descriptor as JSON.</summary>
    public static string Descriptor(string type, Digest digest, long size, string more = "") =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"mediaType":"{{type}}","digest":"{{digest}}","size":{{size}}{{more}}}""");

    /// <summary>An image manifest with a config and a layer that are pushed.</summary>
    /// <param name="more">Members to add: ',"artifactType":"..."'.</param>
    public async Task<string> Image(string repository, string more = "", string algorithm = "sha256", string configType = MediaTypes.Config)
    {
        byte[] config = Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"made":"{{Guid.NewGuid()}}"}""");
        var layer = RandomNumberGenerator.GetBytes(512);
        var (configDigest, layerDigest) = (await Push(repository, config, algorithm), await Push(repository, layer, algorithm));
        return $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Manifest}}","config":{{Descriptor(configType, configDigest, config.Length)}},"layers":[{{Descriptor(MediaTypes.LayerGzip, layerDigest, layer.Length)}}]{{more}}}""";
    }

    /// <summary>An index of these manifests.</summary>
    public static string Index(IEnumerable<string> children, string more = "", string algorithm = "sha256", string type = MediaTypes.Manifest)
    {
        var list = children.Select(child => Descriptor(type, DigestOf(Encoding.UTF8.GetBytes(child), algorithm), Encoding.UTF8.GetByteCount(child), ""","platform":{"architecture":"amd64","os":"linux"}"""));
        return $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Index}}","manifests":[{{string.Join(',', list)}}]{{more}}}""";
    }

    /// <summary>GET and HEAD say the same, and it is this.</summary>
    public async Task IsThere(string path, byte[] content, Digest digest, string type)
    {
        using var get = await Send("GET", path);
        Assert.Equal(content, await get.Content.ReadAsByteArrayAsync(Cancellation));
        using var head = await Send("HEAD", path);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
        foreach (var response in new[] { get, head })
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(content.Length, response.Content.Headers.ContentLength);
            Assert.Equal(type, response.Content.Headers.ContentType!.ToString());
            Assert.Equal(digest.ToString(), response.Headers.GetValues("Docker-Content-Digest").Single());
            Assert.Equal("registry/2.0", response.Headers.GetValues("Docker-Distribution-Api-Version").Single());
        }
    }

    public Task BlobIsThere(string repository, byte[] content, string algorithm = "sha256")
    {
        var digest = DigestOf(content, algorithm);
        return IsThere($"/v2/{repository}/blobs/{digest}", content, digest, "application/octet-stream");
    }

    public Task ManifestIsThere(string repository, string reference, string content, string type = MediaTypes.Manifest, string algorithm = "sha256")
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        return IsThere($"/v2/{repository}/manifests/{reference}", bytes, DigestOf(bytes, algorithm), type);
    }

    public async Task<HttpStatusCode> Status(string method, string path)
    {
        using var response = await Send(method, path);
        return response.StatusCode;
    }
}
