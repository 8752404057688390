using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Paas.Engine.Native.Disk;
using Paas.Engine.Native.Network;

namespace Paas.Engine;

/// <summary>Networks and network namespaces of one test, gone when it ends.</summary>
internal sealed class NetworkLab : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-network-").FullName;
    private readonly List<InstanceNetwork> _networks = [];
    private readonly List<Process> _holders = [];
    private readonly List<string> _links = [];

    public string LockFile => Path.Combine(_directory, "subnet.lock");

    public static string NewTag() => RandomNumberGenerator.GetHexString(4, lowercase: true);

    public NetworkOptions Options(string? tag = null, params IPAddress[] avoid)
    {
        tag ??= NewTag();
        return new NetworkOptions { Tag = tag, StateFile = Path.Combine(_directory, tag, "network"), LockFile = LockFile, Avoid = avoid };
    }

    public async Task<InstanceNetwork> StartAsync(NetworkOptions options)
    {
        var network = new InstanceNetwork(options, NullLogger.Instance);
        _networks.Add(network);
        await network.StartAsync(TestContext.Current.CancellationToken);
        return network;
    }

    public async Task<InstanceNetwork> StartAsync() => await StartAsync(Options());

    /// <summary>A process in a network namespace of its own, as an instance's first process is.</summary>
    public async Task<int> HolderAsync()
    {
        var holder = Process.Start(new ProcessStartInfo("unshare", ["-n", "sleep", "600"]) { UseShellExecute = false })!;
        _holders.Add(holder);
        // unshare(1) becomes sleep once the namespace exists.
        while (await File.ReadAllTextAsync($"/proc/{holder.Id}/comm") is not "sleep\n")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        return holder.Id;
    }

    public void End(int holder)
    {
        var process = _holders.Single(h => h.Id == holder);
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>A namespace that stands for what lies beyond this host: it has 203.0.113.x (a documentation range) as its public
    /// address and another one routed to it.</summary>
    public async Task<(int Holder, IPAddress Here, IPAddress Public)> OutsideAsync(IPAddress other)
    {
        var holder = await HolderAsync();
        var block = RandomNumberGenerator.GetInt32(60) * 4;
        var link = $"out{NewTag()}";
        IPAddress here = IPAddress.Parse($"203.0.113.{block + 1}"), there = IPAddress.Parse($"203.0.113.{block + 2}");
        _links.Add(link);
        string pid = holder.ToString(CultureInfo.InvariantCulture);
        await IpAsync("link", "add", link, "type", "veth", "peer", "name", "wan", "netns", pid);
        await IpAsync("addr", "add", $"{here}/30", "dev", link);
        await IpAsync("link", "set", link, "up");
        string[] inside = ["-t", pid, "-n", "ip"];
        await HostProgram.RunAsync("nsenter", [.. inside, "addr", "add", $"{there}/30", "dev", "wan"], TestContext.Current.CancellationToken);
        await HostProgram.RunAsync("nsenter", [.. inside, "addr", "add", $"{other}/32", "dev", "wan"], TestContext.Current.CancellationToken);
        await HostProgram.RunAsync("nsenter", [.. inside, "link", "set", "wan", "up"], TestContext.Current.CancellationToken);
        await IpAsync("route", "add", $"{other}/32", "via", there.ToString());
        return (holder, here, there);
    }

    /// <summary>Listens and says to each caller what address it came from.</summary>
    public static Socket Listen(IPAddress address, int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(address, port));
        listener.Listen(16);
        return listener;
    }

    public static Socket ListenInside(int pid, int port)
    {
        Socket? listener = null;
        Inside(pid, () => listener = Listen(IPAddress.Any, port));
        return listener!;
    }

    public static void Inside(int pid, Action action)
    {
        using var space = Veth.OpenNamespace(pid);
        Veth.InNamespace(space, action);
    }

    /// <summary>A new connection; null when none came about in time.</summary>
    public static Socket? Connect(IPAddress address, int port, int milliseconds)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            socket.Connect(address, port);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            if (!socket.Poll(TimeSpan.FromMilliseconds(milliseconds), SelectMode.SelectWrite)
                || (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! != 0)
            {
                socket.Dispose();
                return null;
            }
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }

        socket.Blocking = true;
        return socket;
    }

    /// <summary>Whether a process in the namespace gets a connection.</summary>
    public static bool Reaches(int pid, IPAddress address, int port, int milliseconds = 400)
    {
        var reached = false;
        Inside(pid, () =>
        {
            using var socket = Connect(address, port, milliseconds);
            reached = socket is not null;
        });
        return reached;
    }

    public static async Task<string> RulesAsync(NetworkOptions options) =>
        await HostProgram.TryRunAsync("nft", ["list", "table", "inet", Firewall.Table(options.Tag)], TestContext.Current.CancellationToken) is (0, var text) ? text : "";

    public static IReadOnlyList<string> Links(NetworkOptions options)
    {
        using var netlink = new Netlink();
        return [.. netlink.Links().Select(l => l.Name).Where(n => n.StartsWith($"p{options.Tag}", StringComparison.Ordinal))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var holder in _holders)
        {
            if (!holder.HasExited)
            {
                holder.Kill();
                await holder.WaitForExitAsync(CancellationToken.None);
            }

            holder.Dispose();
        }

        using (var netlink = new Netlink())
        {
            _links.ForEach(link => Veth.Delete(netlink, link));
        }

        foreach (var network in _networks)
        {
            await network.RemoveAsync(CancellationToken.None);
            network.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private static Task IpAsync(params string[] args) => HostProgram.RunAsync("ip", args, TestContext.Current.CancellationToken);
}
