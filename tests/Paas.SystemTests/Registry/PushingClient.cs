using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>A registry client as those of people are: asks which blobs are there, pushes the others, then the manifest; a pull checks every digest.</summary>
internal sealed class PushingClient : IDisposable
{
    private readonly HttpClient _http;

    public PushingClient(Testing.Platform platform)
    {
        _http = platform.Visitor();
        _http.BaseAddress = new Uri(platform.Url);
        _http.Timeout = TimeSpan.FromMinutes(2);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"x:{platform.Token}")));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>The same for the same number: layers are shared by their number.</summary>
    public static byte[] LayerOf(int number)
    {
        var content = new byte[20_000 + (number * 7_919 % 200_000)];
        new Random(number).NextBytes(content);
        return content;
    }

    /// <summary>Pushes an image and returns its manifest's digest.</summary>
    /// <exception cref="HttpRequestException">Any other answer than the specification's, with it.</exception>
    public async Task<string> PushAsync(string repository, string tag, IReadOnlyList<int> layers, string about)
    {
        var config = JsonSerializer.SerializeToUtf8Bytes(new { architecture = "amd64", os = "linux", created_by = about, rootfs = new { type = "layers", diff_ids = Array.Empty<string>() } });
        var blobs = layers.Select(LayerOf).Prepend(config).ToList();
        foreach (var blob in blobs)
        {
            await PushBlobAsync(repository, blob);
        }

        var manifest = new Manifest
        {
            Config = new Descriptor { MediaType = MediaTypes.Config, Digest = Digest.Of(config), Size = config.Length },
            Layers = [.. blobs.Skip(1).Select(blob => new Descriptor { MediaType = MediaTypes.LayerGzip, Digest = Digest.Of(blob), Size = blob.Length })],
        };
        var content = JsonSerializer.SerializeToUtf8Bytes(manifest, OciJson.Canonical.Manifest);
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v2/{repository}/manifests/{tag}") { Content = new ByteArrayContent(content) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypes.Manifest);
        (await SendAsync(request, HttpStatusCode.Created)).Dispose();
        return Digest.Of(content).ToString();
    }

    /// <summary>Digest of the manifest; null: there is no such tag.</summary>
    public async Task<string?> PullAsync(string repository, string tag)
    {
        using var answer = await _http.GetAsync($"/v2/{repository}/manifests/{tag}", Cancelled);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        await CheckAsync(answer, HttpStatusCode.OK);
        var content = await answer.Content.ReadAsByteArrayAsync(Cancelled);
        var manifest = JsonSerializer.Deserialize(content, OciJson.Canonical.Manifest)!;
        foreach (var blob in manifest.Layers.Append(manifest.Config))
        {
            using var got = await SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/v2/{repository}/blobs/{blob.Digest}"), HttpStatusCode.OK);
            Assert.Equal(blob.Digest.Hex, Convert.ToHexStringLower(SHA256.HashData(await got.Content.ReadAsByteArrayAsync(Cancelled))));
        }

        return Digest.Of(content).ToString();
    }

    public async Task DeleteAsync(string repository, string tag) =>
        (await SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"/v2/{repository}/manifests/{tag}"), HttpStatusCode.Accepted)).Dispose();

    /// <summary>The upload's address.</summary>
    public async Task<Uri> StartUploadAsync(string repository)
    {
        using var started = await SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/v2/{repository}/blobs/uploads/"), HttpStatusCode.Accepted);
        return started.Headers.Location!;
    }

    public async Task AppendAsync(Uri upload, ReadOnlyMemory<byte> chunk) =>
        (await SendAsync(new HttpRequestMessage(HttpMethod.Patch, upload) { Content = new ReadOnlyMemoryContent(chunk) }, HttpStatusCode.Accepted)).Dispose();

    /// <summary>Bytes that the registry has of the upload.</summary>
    public async Task<int> ArrivedAsync(Uri upload)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, upload), HttpStatusCode.NoContent);
        var last = int.Parse(Regex.Match(answer.Headers.GetValues("Range").Single(), @"-(\d+)$").Groups[1].Value, CultureInfo.InvariantCulture);
        return last == 0 ? 0 : last + 1;
    }

    public async Task FinishAsync(Uri upload, byte[] whole) =>
        (await SendAsync(new HttpRequestMessage(HttpMethod.Put, $"{upload}?digest={Digest.Of(whole)}"), HttpStatusCode.Created)).Dispose();

    public void Dispose() => _http.Dispose();

    private async Task PushBlobAsync(string repository, byte[] content)
    {
        var digest = Digest.Of(content);
        using var head = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v2/{repository}/blobs/{digest}"), Cancelled);
        if (head.StatusCode == HttpStatusCode.OK)
        {
            return;
        }

        await CheckAsync(head, HttpStatusCode.NotFound);
        var upload = await StartUploadAsync(repository);
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{upload}?digest={digest}") { Content = new ByteArrayContent(content) };
        (await SendAsync(request, HttpStatusCode.Created)).Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpStatusCode expected)
    {
        var answer = await _http.SendAsync(request, Cancelled);
        await CheckAsync(answer, expected);
        return answer;
    }

    private static async Task CheckAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        if (answer.StatusCode != expected)
        {
            var asked = answer.RequestMessage!;
            throw new HttpRequestException($"{asked.Method} {asked.RequestUri!.PathAndQuery}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancelled)}", null, answer.StatusCode);
        }
    }
}
