using System.Diagnostics;
using System.Globalization;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>Debian's docker with a daemon, storage and control group of its own and no network rule: it is unpacked by tests/run.sh and never
/// installed. Nothing of it is left when disposed.</summary>
internal sealed class DockerLab : IAsyncDisposable
{
    private static readonly string Programs = Path.Combine(Environment.GetEnvironmentVariable("PAAS_CACHE") is { Length: > 0 } cache ? cache : "/var/cache/paas", "tests/docker");

    private readonly string _folder = Directory.CreateTempSubdirectory("paas-docker-").FullName;
    private readonly string _group = $"paas-docker-{Guid.NewGuid().ToString("N")[..8]}";
    private readonly Process _daemon;
    private readonly Task<string> _log;

    private DockerLab()
    {
        var start = new ProcessStartInfo(
            $"{Programs}/usr/sbin/dockerd",
            [
                "--data-root", $"{_folder}/data", "--exec-root", $"{_folder}/run", "--pidfile", $"{_folder}/pid", "--host", Socket, "--storage-driver", "vfs", "--cgroup-parent", $"/{_group}",
                "--bridge", "none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false",
            ])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{Programs}/usr/sbin:{Programs}/usr/bin:{Environment.GetEnvironmentVariable("PATH")}";
        _daemon = Process.Start(start)!;
        _daemon.OutputDataReceived += static (_, _) => { };
        _daemon.BeginOutputReadLine();
        _log = _daemon.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    private string Socket => $"unix://{_folder}/docker.sock";

    public static async Task<DockerLab> StartAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(File.Exists($"{Programs}/usr/sbin/dockerd"), "docker is not unpacked: run tests/run.sh");
        var lab = new DockerLab();
        for (var tries = 0; (await lab.RunAsync(["info"], cancellationToken)).Code != 0; tries++)
        {
            if (lab._daemon.HasExited || tries > 600)
            {
                var ended = lab._daemon.HasExited;
                await lab.DisposeAsync();
                Assert.Skip($"docker's daemon does not start on this machine{(ended ? $": {(await lab._log).TrimEnd().Split('\n')[^1]}" : "")}");
            }

            await Task.Delay(100, cancellationToken);
        }

        return lab;
    }

    public Task<Ended> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        Command.RunAsync($"{Programs}/usr/bin/docker", ["--config", $"{_folder}/config", "--host", Socket, .. arguments], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_daemon.HasExited)
        {
            await Command.RunAsync("kill", ["-TERM", _daemon.Id.ToString(CultureInfo.InvariantCulture)], CancellationToken.None);
        }

        await _daemon.WaitForExitAsync(CancellationToken.None);
        foreach (var mount in (await File.ReadAllLinesAsync("/proc/self/mountinfo", CancellationToken.None)).Select(line => line.Split(' ')[4]).Where(path => path.StartsWith(_folder, StringComparison.Ordinal)).Reverse())
        {
            await Command.RunAsync("umount", ["-l", mount], CancellationToken.None);
        }

        foreach (var group in Directory.GetDirectories("/sys/fs/cgroup", _group, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1, IgnoreInaccessible = true }))
        {
            await Command.RunAsync("rmdir", [group], CancellationToken.None);
        }

        _daemon.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
