using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Paas.Testing;

namespace Paas.Engine;

/// <summary>From "start it" to the first byte of its answer, the same image by four hands, alternating. Not a test: tests/bench/start.sh
/// prepares the others and names them in the environment.</summary>
public sealed class StartBench
{
    private const int WarmUp = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private const string Image = "localhost/bench:1";
    private static readonly byte[] Request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

    /// <summary>Docker's and podman's limits, as ours are by default; the rest is what the engine does too.</summary>
    private static readonly string[] Like = ["--user", "1000", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "512m", "--pids-limit", "512", "--env", "PORT=8080"];

    private int _made;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The network namespace of docker and podman has this address; what they publish is reached there.</summary>
    private static IPAddress PeersAddress => IPAddress.Parse(Environment.GetEnvironmentVariable("BENCH_PEERS_ADDRESS")!);

    [Fact]
    public async Task Start_to_first_answer()
    {
        var result = Environment.GetEnvironmentVariable("PAAS_BENCH");
        Assert.SkipWhen(result is null, "PAAS_BENCH names no file for the figures: run tests/bench/start.sh");
        await using var lab = await EngineLab.StartAsync(Token);
        var hand = await HandAsync(lab);
        var candidates = new List<(string Name, Func<Task<double>> Start)> { ("native", () => NativeAsync(lab)), ("hand", () => HandAsync(hand)) };
        await AddPeerAsync(candidates, lab, "docker", []);
        await AddPeerAsync(candidates, lab, "podman", ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]);

        var times = candidates.ToDictionary(candidate => candidate.Name, _ => new List<double>());
        var rounds = int.Parse(Environment.GetEnvironmentVariable("BENCH_ROUNDS") ?? "11", CultureInfo.InvariantCulture);
        for (var round = -WarmUp; round < rounds; round++)
        {
            foreach (var (name, start) in candidates)
            {
                // The kernel buries the network of the one before, under a lock that the next needs.
                await Task.Delay(Pause, Token);
                var milliseconds = await start();
                if (round >= 0)
                {
                    times[name].Add(milliseconds);
                }
            }
        }

        await File.WriteAllLinesAsync(
            result,
            times.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {Median(pair.Value):0.00} {pair.Value.Min():0.00}")),
            Token);
    }

    private async Task<double> NativeAsync(EngineLab lab)
    {
        await using var observer = new Observer(lab.Engine);
        var spec = lab.Process($"bench{++_made}", 1);
        var began = Stopwatch.GetTimestamp();
        await lab.Engine.ApplyAsync(spec, Token);
        var running = await observer.UntilAsync(state => state.Id.Process == spec.Key && state.Phase == InstancePhase.Running, Token);
        var milliseconds = Answered(running.Endpoint!, began);
        await lab.Engine.RemoveAsync(spec.Key, TimeSpan.Zero, Token);
        return milliseconds;
    }

    /// <summary>byhand.c's arguments but the id: the config.json of a running instance, so that runtime and kernel do the same work for both.</summary>
    private static async Task<Func<string, string[]>> HandAsync(EngineLab lab)
    {
        var spec = lab.Process("pattern", 1);
        await using var observer = new Observer(lab.Engine);
        await lab.Engine.ApplyAsync(spec, Token);
        await observer.UntilAsync(state => state.Id.Process == spec.Key && state.Phase == InstancePhase.Running, Token);
        var name = new InstanceId(spec.Key, 1).ToString();
        var bundle = lab.Sandboxes.BundleOf(name);
        var config = await File.ReadAllTextAsync(bundle.Config, Token);
        var lower = Directory.EnumerateFileSystemEntries(Path.Combine(lab.Home, "run", "engine", "l")).Single();
        var work = Directory.CreateDirectory(Path.Combine(lab.Home, "hand"), (UnixFileMode)Convert.ToInt32("711", 8)).FullName;
        var runtime = lab.Sandboxes.Runtime;
        return id => [
            lower, work, id,
            config.Replace(bundle.RootFs, $"{work}/b-{id}/rootfs", StringComparison.Ordinal).Replace(lab.Sandboxes.Cgroup.PathOf(name), lab.Sandboxes.Cgroup.PathOf(id), StringComparison.Ordinal),
            lab.Sandboxes.Ids.Host(0).ToString(CultureInfo.InvariantCulture),
            "benchhand", "10.213.78.1", "10.213.78.2", runtime.Program, runtime.Root, runtime.IsCrun ? "crun" : "runc"];
    }

    private async Task<double> HandAsync(Func<string, string[]> arguments)
    {
        var ended = await Command.RunAsync(Environment.GetEnvironmentVariable("BENCH_BYHAND")!, arguments($"hand{++_made}"), Token);
        return double.Parse(ended.Succeeded().Output, CultureInfo.InvariantCulture);
    }

    /// <summary>Its command line comes in BENCH_DOCKER or BENCH_PODMAN, words parted by spaces; none: it cannot run here.</summary>
    private async Task AddPeerAsync(List<(string, Func<Task<double>>)> candidates, EngineLab lab, string name, string[] options)
    {
        if (Environment.GetEnvironmentVariable($"BENCH_{name.ToUpperInvariant()}") is not { Length: > 0 } line)
        {
            return;
        }

        var command = line.Split(' ');
        var tar = Path.Combine(lab.Home, $"{name}.tar");
        var root = Directory.EnumerateFileSystemEntries(Path.Combine(lab.Home, "run", "engine", "l")).Single();
        (await Command.RunAsync("tar", ["-C", root, "-cf", tar, "."], Token)).Succeeded();
        (await Command.RunAsync(command[0], [.. command[1..], "import", "--change", "ENTRYPOINT [\"/probe\"]", "--change", "CMD [\"serve\"]", tar, Image], Token)).Succeeded();
        candidates.Add((name, () => PeerAsync(command, options)));
    }

    private async Task<double> PeerAsync(string[] command, string[] options)
    {
        var (name, port) = ($"bench{++_made}", 20000 + _made);
        var began = Stopwatch.GetTimestamp();
        (await Command.RunAsync(command[0], [.. command[1..], "run", "--detach", "--name", name, "--publish", $"{PeersAddress}:{port}:8080", .. Like, .. options, Image], Token)).Succeeded();
        var milliseconds = Answered(new IPEndPoint(PeersAddress, port), began);
        (await Command.RunAsync(command[0], [.. command[1..], "rm", "--force", name], Token)).Succeeded();
        return milliseconds;
    }

    /// <summary>Milliseconds until the first byte; asks without pause, on new sockets.</summary>
    private static double Answered(IPEndPoint endpoint, long began)
    {
        var answer = new byte[256];
        while (true)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 1000 };
                socket.Connect(endpoint);
                socket.Send(Request);
                if (socket.Receive(answer) > 0)
                {
                    return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                }
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(15))
            {
                Thread.Yield();
            }
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
