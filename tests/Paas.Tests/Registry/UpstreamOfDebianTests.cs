using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>Pulling through from the reference registry, as Debian has it.</summary>
public sealed class UpstreamOfDebianTests : IDisposable
{
    private const string Program = "/usr/bin/docker-registry";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("paas-upstream-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_was_pulled_once_is_pulled_again_when_the_other_registry_is_killed()
    {
        Assert.SkipUnless(File.Exists(Program), "needs docker-registry (apt install docker-registry)");
        var port = FreePort();
        using var other = await StartAsync(port);
        try
        {
            using var there = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            var layer = new byte[3_000_000];
            new Random(1).NextBytes(layer);
            var config = """{"architecture":"amd64","os":"linux"}"""u8.ToArray();
            await PushAsync(there, layer);
            await PushAsync(there, config);
            var manifest = Encoding.UTF8.GetBytes(
                $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.Manifest}}}","config":{"mediaType":"{{{MediaTypes.Config}}}","digest":"{{{Digest.Of(config)}}}","size":{{{config.Length}}}},"layers":[{"mediaType":"{{{MediaTypes.LayerGzip}}}","digest":"{{{Digest.Of(layer)}}}","size":{{{layer.Length}}}}]}""");
            using var body = new ByteArrayContent(manifest);
            body.Headers.ContentType = new MediaTypeHeaderValue(MediaTypes.Manifest);
            using var put = await there.PutAsync("/v2/team/app/manifests/1", body, Cancellation);
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);

            await using var registry = await TestRegistry.StartAsync(services => services
                .AddSingleton(new UpstreamOptions { Upstreams = [new Upstream("debian.test", there.BaseAddress, null, TimeSpan.Zero)] })
                .AddSingleton(new RegistryClient(RegistryHttp.Create(null), TimeProvider.System) { FirstPause = TimeSpan.FromMilliseconds(10) }));
            for (var round = 0; round < 2; round++)
            {
                using var pulled = await registry.Client.GetAsync("/v2/debian.test/team/app/manifests/1", Cancellation);
                Assert.Equal(manifest, await pulled.Content.ReadAsByteArrayAsync(Cancellation));
                Assert.Equal(round == 1, pulled.Headers.Contains("Warning"));
                Assert.Equal(layer, await registry.Client.GetByteArrayAsync($"/v2/debian.test/team/app/blobs/{Digest.Of(layer)}", Cancellation));
                Assert.Equal(config, await registry.Client.GetByteArrayAsync($"/v2/debian.test/team/app/blobs/{Digest.Of(config)}", Cancellation));
                if (round == 0)
                {
                    other.Kill();
                    await other.WaitForExitAsync(Cancellation);
                }
            }
        }
        finally
        {
            if (!other.HasExited)
            {
                other.Kill();
                await other.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task PushAsync(HttpClient there, byte[] content)
    {
        using var started = await there.PostAsync("/v2/team/app/blobs/uploads/", null, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        using var body = new ByteArrayContent(content);
        using var done = await there.PutAsync($"{started.Headers.Location}&digest={Uri.EscapeDataString(Digest.Of(content).ToString())}", body, Cancellation);
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
    }

    private async Task<Process> StartAsync(int port)
    {
        var file = Path.Combine(_folder.FullName, "config.yml");
        await File.WriteAllTextAsync(
            file, string.Create(CultureInfo.InvariantCulture, $"version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {_folder.FullName}/data\nhttp:\n  addr: 127.0.0.1:{port}\n"), Cancellation);
        var process = Process.Start(new ProcessStartInfo(Program, ["serve", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var ping = new HttpClient();
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var answer = await ping.GetAsync(new Uri($"http://127.0.0.1:{port}/v2/"), Cancellation);
                return process;
            }
            catch (HttpRequestException) when (tries < 200 && !process.HasExited)
            {
                await Task.Delay(100, Cancellation);
            }
        }
    }
}
