using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Paas.State;

[assembly: AssemblyFixture(typeof(Paas.Testing.Platform))]
[assembly: CollectionBehavior(MaxParallelThreads = 2)]

namespace Paas.Testing;

/// <summary>A real platform of its own: keep, control and edge in a home and on a port that nobody else has. One for all system tests,
/// and one for those of <see cref="OwnPlatform"/>; gone with everything it made when they end.</summary>
public sealed class Platform : IAsyncLifetime
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan Ready = TimeSpan.FromSeconds(120);

    private readonly string _program = Environment.GetEnvironmentVariable("PAAS_PLATFORM") ?? "";
    private Process? _keep;

    /// <summary>Null when the platform runs; else why it cannot run here.</summary>
    public string? Missing { get; private set; }

    public PlatformHome Home { get; } = new(Path.Combine("/var/tmp", $"paas-system-{Guid.NewGuid().ToString("N")[..8]}"));

    public int Port { get; } = FreePort();

    public string Url => $"http://localhost:{Port}";

    public string Token { get; private set; } = "";

    /// <summary>Of the platform's environment, beside what every test's has; set before it starts.</summary>
    public Dictionary<string, string> Options { get; } = [];

    public HttpClient Api { get; private set; } = new();

    /// <summary>For tests that need one.</summary>
    public void SkipIfMissing() => Assert.SkipWhen(Missing is not null, Missing ?? "");

    public async ValueTask InitializeAsync()
    {
        Missing = _program switch
        {
            "" => "PAAS_PLATFORM names no published platform: run tests/run.sh",
            _ when Environment.UserName != "root" => "system tests need root",
            _ => null,
        };
        if (Missing is not null)
        {
            return;
        }

        Directory.CreateDirectory(Home.Root, (UnixFileMode)Convert.ToInt32("711", 8));
        Start();
        Api = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectCallback = ConnectAsync }) { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromMinutes(5) };
        await ReadyAsync(CancellationToken.None);
        Token = await BootstrapAsync();
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        if (Missing is not null)
        {
            return;
        }

        await StopAsync();
        var down = await Command.RunAsync($"{_program}/paasd", ["down"], CancellationToken.None, environment: Settings());
        var left = await new Traces(Home).FindAsync(CancellationToken.None);
        if (left.Count == 0)
        {
            Directory.Delete(Home.Root, recursive: true);
        }

        Assert.True(down.Code == 0, down.All);
        Assert.Empty(left);
    }

    /// <summary>Starts keep, which starts the rest.</summary>
    public void Start()
    {
        var start = new ProcessStartInfo($"{_program}/paasd", ["keep"]) { WorkingDirectory = "/" };
        foreach (var (name, value) in Settings())
        {
            start.Environment[name] = value;
        }

        _keep = Process.Start(start)!;
    }

    /// <summary>Ends keep, control and edge; instances go on.</summary>
    public async Task StopAsync()
    {
        await Command.RunAsync("kill", ["-TERM", _keep!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)], CancellationToken.None);
        await _keep.WaitForExitAsync();
        _keep.Dispose();
    }

    /// <summary>Everything of this home ends at once and leaves the kernel, as in a power cut; what lies on disk stays.</summary>
    public async Task CutPowerAsync()
    {
        _keep!.Kill();
        await _keep.WaitForExitAsync();
        _keep.Dispose();
        await new Traces(Home).EraseAsync(CancellationToken.None);
    }

    /// <summary>Waits until control has adopted what runs and the edge answers.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var answer = await Api.GetAsync("/readyz", cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not there yet.
            }

            Assert.True(clock.Elapsed < Ready, $"The platform did not become ready.\n{Logs()}");
            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>The process that plays the role now.</summary>
    public int PidOf(string role) => int.Parse(File.ReadAllText(Path.Combine(Home.Run, $"{role}.pid")).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    public string Logs() => string.Join('\n', Directory.Exists(Home.Logs)
        ? Directory.EnumerateFiles(Home.Logs, "*.log").Select(file => $"== {Path.GetFileName(file)}\n{string.Join('\n', File.ReadLines(file).TakeLast(40))}")
        : []);

    /// <summary>A client for the public: asks the edge for any host.</summary>
    public HttpClient Visitor() => new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectCallback = ConnectAsync }) { Timeout = TimeSpan.FromSeconds(30) };

    public Uri UrlOf(string app, string path = "/") => new($"http://{app}.localhost:{Port}{path}");

    public async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
    {
        using var answer = await Api.GetAsync($"/api/v1{path}", cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"GET {path}: {(int)answer.StatusCode} {text}");
        return JsonSerializer.Deserialize<T>(text, Json)!;
    }

    /// <summary>The status and the body of any call.</summary>
    public async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1{path}");
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, body.GetType(), options: Json);
        }

        using var answer = await Api.SendAsync(request, cancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    private Dictionary<string, string> Settings() => new(Options)
    {
        ["PAAS_HOME"] = Home.Root,
        ["PAAS_HTTP_PORT"] = Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["PAAS_BIND"] = "127.0.0.1",
        ["PAAS_BASE_DOMAIN"] = "localhost",
    };

    private async Task<string> BootstrapAsync()
    {
        using var admin = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Home.AdminSocket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using var answer = await admin.PostAsJsonAsync("http://admin/admin/bootstrap", new { user = "admin", tokenName = "tests" });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    /// <summary>*.localhost does not resolve everywhere: every name is this platform.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
