using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Paas.Deploys;

/// <summary>Debian's docker-registry with a login, on loopback without TLS; gone when disposed.</summary>
internal sealed class PrivateRegistry : IAsyncDisposable
{
    public const string Password = "s3cret";

    /// <summary>bcrypt of <see cref="Password"/>: made for this test alone.</summary>
    private const string Users = "me:$2b$05$nGxCFhTy1HR1WbVAO1IdKeRe1xu.MMgN0acbNONq5RAH3TSYumcj2\n";

    private const string Program = "/usr/bin/docker-registry";

    private readonly string _folder = Directory.CreateTempSubdirectory("paas-registry-").FullName;
    private readonly int _port = FreePort();
    private Process? _process;

    private PrivateRegistry()
    {
    }

    public string Host => $"127.0.0.1:{_port}";

    public static string Credentials => $"me:{Password}";

    public static async Task<PrivateRegistry> StartAsync()
    {
        Assert.SkipUnless(File.Exists(Program), "docker-registry is not installed: run tests/run.sh");
        var registry = new PrivateRegistry();
        try
        {
            await registry.ServeAsync();
            return registry;
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task ServeAsync()
    {
        var config = Path.Combine(_folder, "config.yml");
        await File.WriteAllTextAsync(Path.Combine(_folder, "users"), Users);
        await File.WriteAllTextAsync(
            config,
            $$"""
            version: 0.1
            log: { level: error, accesslog: { disabled: true } }
            storage: { filesystem: { rootdirectory: {{_folder}}/data } }
            http: { addr: {{Host}} }
            auth: { htpasswd: { realm: test, path: {{_folder}}/users } }
            """);
        _process = Process.Start(new ProcessStartInfo(Program, ["serve", config]))!;
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://{Host}/v2/"), TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
                return;
            }
            catch (HttpRequestException) when (tries < 300 && !_process.HasExited)
            {
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
