using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Paas.State;
using Paas.Testing;

namespace Paas.Install;

/// <summary>One home that install/quickstart.sh brings up and down, with a port, a CLI and credentials of its own.</summary>
internal sealed class QuickstartHome(string folder, string platform) : IAsyncDisposable
{
    private readonly Dictionary<string, string> _settings = new()
    {
        ["PAAS_HOME"] = folder,
        ["PAAS_HTTP_PORT"] = FreePort().ToString(CultureInfo.InvariantCulture),
        ["PAAS_COMMAND"] = $"{folder}.bin/paas",
        ["XDG_CONFIG_HOME"] = $"{folder}.bin/config",
        ["PAAS_BIND"] = "127.0.0.1",
        ["PAAS_BASE_DOMAIN"] = "localhost",
        ["PAAS_CACHE"] = Path.GetFullPath(Path.Combine(platform, "../..")),
    };

    /// <summary>As quickstart knows it: without symbolic links.</summary>
    public PlatformHome Home { get; } = new(folder.Replace("/link/", "/real/", StringComparison.Ordinal));

    public string Port => _settings["PAAS_HTTP_PORT"];

    public Task<Ended> QuickstartAsync(string call, CancellationToken cancellationToken, string? port = null) => Command.RunAsync(
        Path.Combine(Checkout(), "install/quickstart.sh"), [call], cancellationToken,
        environment: port is null ? _settings : new Dictionary<string, string>(_settings) { ["PAAS_HTTP_PORT"] = port });

    public Task<Ended> CliAsync(CancellationToken cancellationToken, params string[] arguments) =>
        Command.RunAsync(_settings["PAAS_COMMAND"], arguments, cancellationToken, environment: _settings);

    /// <summary>What the sample app answers; null: nobody is there, or not well.</summary>
    public async Task<string?> HelloAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Port}/") { Headers = { Host = "hello.localhost" } };
        try
        {
            using var answer = await client.SendAsync(request, cancellationToken);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(cancellationToken) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public int PidOf(string role) => int.Parse(File.ReadAllText(Path.Combine(Home.Run, $"{role}.pid")).Split([' ', '\n'])[0], CultureInfo.InvariantCulture);

    /// <summary>All that the kernel and the process table still show of this home, in words; empty when nothing is left.</summary>
    public async Task<IReadOnlyList<string>> TracesAsync(CancellationToken cancellationToken)
    {
        var mounts = (await File.ReadAllLinesAsync("/proc/self/mountinfo", cancellationToken)).Where(line => line.Contains($" {Home.Root}/", StringComparison.Ordinal));
        var links = Directory.GetDirectories("/sys/class/net", $"p{Home.Tag}*");
        var groups = Directory.GetDirectories("/sys/fs/cgroup", $"paas-{Home.Tag}", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 });
        var tables = (await Command.RunAsync("nft", ["list", "tables"], cancellationToken)).Output.Split('\n').Where(line => line.EndsWith($"paas_{Home.Tag}", StringComparison.Ordinal));
        return [.. mounts, .. links, .. groups, .. tables, .. Directory.GetDirectories("/proc").Where(IsOurs)];
    }

    public async ValueTask DisposeAsync()
    {
        await QuickstartAsync("reset", CancellationToken.None);
        if (Directory.Exists($"{folder}.bin"))
        {
            Directory.Delete($"{folder}.bin", recursive: true);
        }
    }

    /// <summary>By the command line: conmon, instances' holders and the roles' programs carry the home in it or in their environment.</summary>
    private bool IsOurs(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline").Contains($"{Home.Root}/", StringComparison.Ordinal)
                || File.ReadAllText($"{process}/environ").Split('\0').Contains($"PAAS_HOME={Home.Root}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Checkout([System.Runtime.CompilerServices.CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
