using System.Net;
using System.Net.Sockets;
using System.Text;
using Paas.Engine;
using Paas.Testing;

namespace Paas.Builds;

/// <summary>A package registry on a private address of this machine: builds reach it when the machine's own settings name it, instances never.</summary>
public sealed class PackageHostsTests
{
    private const string Document = """{"name":"tiny","dist-tags":{"latest":"1.0.0"}}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_private_registry_of_the_hosts_settings_is_open_to_builds_alone()
    {
        await using var address = await PrivateAddress.AddAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var registry = new TcpListener(address.Address, 0);
        using var other = new TcpListener(address.Address, 0);
        registry.Start();
        other.Start();
        var serving = Task.WhenAll(ServeAsync(registry, stop.Token), ServeAsync(other, stop.Token));
        await AskAsync(address.Address, PortOf(registry), PortOf(other));
        await stop.CancelAsync();
        await serving;
    }

    private static async Task AskAsync(IPAddress address, int registry, int other)
    {
        var url = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"http://{address}:{registry}");
        var settings = HostSettings.From(new Dictionary<string, string> { ["NPM_CONFIG_REGISTRY"] = url }, [], [], null);
        await using var lab = await BuildLab.StartAsync(options => options, Token, () => settings);
        var built = Assert.IsType<BuildResult.Built>(await lab.BuildAsync(
            $"""
            echo "named $NPM_CONFIG_REGISTRY"
            echo "registry says $(curl -fsS --noproxy '*' --max-time 10 "$NPM_CONFIG_REGISTRY/tiny")"
            curl -fsS --noproxy '*' --max-time 3 http://{address}:{other}/tiny || echo "another port is shut"
            printf '[[processes]]\ntype = "web"\ncommand = ["bash", "app.sh"]\ndefault = true\n' > "$CNB_LAYERS_DIR/launch.toml"

            """,
            null,
            Token));
        Assert.Contains($"named {url}", lab.Lines);
        Assert.Contains($"registry says {Document}", lab.Lines);
        Assert.Contains("another port is shut", lab.Lines);

        using var said = new MemoryStream();
        var run = new RunSpec
        {
            Id = "reach.1",
            App = "a1",
            Image = built.Image,
            Entrypoint = ["bash"],
            Args = ["-c", $"timeout 3 bash -c 'echo > /dev/tcp/{address}/{registry}' 2>/dev/null && echo reached || echo shut"],
            Env = new Dictionary<string, string>(),
        };
        await lab.Engine.RunAsync(run, new RunStreams(null, said, said), Token);
        Assert.Equal("shut", Encoding.UTF8.GetString(said.ToArray()).Trim());
    }

    /// <summary>As much of a registry as one answer.</summary>
    private static async Task ServeAsync(TcpListener listener, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(cancellationToken);
                await using var stream = client.GetStream();
                await stream.ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false, cancellationToken);
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Document.Length}\r\nConnection: close\r\n\r\n{Document}"), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough was asked.
        }
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
