using System.Globalization;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>Podman with storage and a network namespace of its own; nothing of it is left when disposed.</summary>
internal sealed class PodmanLab : IAsyncDisposable
{
    private const string Program = "/usr/bin/podman";
    private const int Port = 8080;
    private readonly string _folder = Directory.CreateTempSubdirectory("paas-podman-").FullName;
    private readonly string _space = $"paas-podman-{Guid.NewGuid().ToString("N")[..8]}";

    private PodmanLab()
    {
    }

    /// <summary>cgroupfs and runc: no systemd and hybrid cgroups are no obstacle then.</summary>
    private string[] Options => [
        "--root", $"{_folder}/storage", "--runroot", $"{_folder}/run", "--tmpdir", $"{_folder}/tmp", "--network-config-dir", $"{_folder}/net",
        "--runtime", "/usr/sbin/runc", "--cgroup-manager", "cgroupfs", "--events-backend", "file"];

    public static async Task<PodmanLab> StartAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(File.Exists(Program), "podman is not installed: run tests/run.sh");
        var lab = new PodmanLab();
        Directory.CreateDirectory($"{lab._folder}/net");
        (await Command.RunAsync("ip", ["netns", "add", lab._space], cancellationToken)).Succeeded();
        (await Command.RunAsync("ip", ["-n", lab._space, "link", "set", "lo", "up"], cancellationToken)).Succeeded();
        return lab;
    }

    public Task<Ended> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) => Command.RunAsync(Program, [.. Options, .. arguments], cancellationToken);

    /// <summary>Runs the image with PORT set, inside the lab's network, and gives the page that it serves.</summary>
    public async Task<string> ServeAsync(string image, CancellationToken cancellationToken)
    {
        (await InsideAsync(
            [Program, .. Options, "run", "--detach", "--name", "served", "--network", "host", "--env", $"PORT={Port}",
             "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", image],
            cancellationToken)).Succeeded();
        for (var tries = 0; ; tries++)
        {
            var page = await InsideAsync(["/usr/bin/curl", "-fsS", "--noproxy", "*", "--max-time", "5", $"http://127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}/"], cancellationToken);
            if (page.Code == 0)
            {
                return page.Output;
            }

            Assert.True(tries < 100, $"It does not serve: {page.All}\n{(await RunAsync(["logs", "served"], cancellationToken)).All}");
            await Task.Delay(100, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync(["rm", "--force", "--all", "--time", "0"], CancellationToken.None);
        await Command.RunAsync("ip", ["netns", "del", _space], CancellationToken.None);
        foreach (var mount in (await File.ReadAllLinesAsync("/proc/self/mountinfo", CancellationToken.None)).Select(line => line.Split(' ')[4]).Where(path => path.StartsWith(_folder, StringComparison.Ordinal)).Reverse())
        {
            await Command.RunAsync("umount", ["-l", mount], CancellationToken.None);
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Not `ip netns exec`: that mounts a new /sys, and podman finds no control groups there.</summary>
    private Task<Ended> InsideAsync(string[] command, CancellationToken cancellationToken) => Command.RunAsync("nsenter", [$"--net=/run/netns/{_space}", .. command], cancellationToken);
}
