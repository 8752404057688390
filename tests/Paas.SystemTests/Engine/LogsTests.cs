using System.Diagnostics;
using Paas.Engine.Native.Logs;

namespace Paas.Engine;

public sealed class LogsTests : IDisposable
{
    private const int Lines = 60_000;
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-rotate-").FullName;

    [Fact]
    public async Task Rotating_under_a_real_conmon_loses_no_line()
    {
        // conmon calls this "runtime" to create, and takes the process whose pid it leaves for the instance.
        var runtime = Path.Combine(_directory, "runtime");
        await File.WriteAllTextAsync(
            runtime,
            $$"""
            #!/bin/bash
            while [ $# -gt 0 ]; do case $1 in --pid-file) pid=$2; shift;; esac; shift; done
            bundle=$(dirname "$pid")
            { while [ ! -e "$bundle/go" ]; do sleep 0.01; done; seq {{Lines}} | while read -r l; do echo "line $l"; done; } & echo $! > "$pid"

            """,
            TestContext.Current.CancellationToken);
        File.SetUnixFileMode(runtime, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var bundle = Directory.CreateDirectory(Path.Combine(_directory, "bundle")).FullName;
        using var logs = new InstanceLogs(new LogOptions { Directory = Path.Combine(_directory, "logs"), MaxBytes = 100_000, Keep = 1000, KeepEndedBytes = long.MaxValue });
        var id = new InstanceId(new ProcessKey("hello", 1, 0, "web"), 1);
        var path = logs.Prepare(id, Path.Combine(bundle, "ctl"));

        using var conmon = Process.Start(new ProcessStartInfo("conmon",
        [
            "--api-version", "1", "-c", "rotate", "-u", "rotate", "-n", "rotate", "-r", runtime, "-b", bundle, "-p", Path.Combine(bundle, "pid"),
            "-P", Path.Combine(bundle, "conmon.pid"), "--exit-dir", bundle, "--persist-dir", bundle, "-l", $"k8s-file:{path}", "--socket-dir-path", bundle,
        ])
        { RedirectStandardError = true })!;
        await conmon.WaitForExitAsync(TestContext.Current.CancellationToken);

        var following = Task.Run(async () =>
        {
            List<string> seen = [];
            await foreach (var line in logs.ReadAsync(new LogQuery("hello", null, null, Lines, Follow: true, null), TestContext.Current.CancellationToken))
            {
                seen.Add(line.Text);
                if (seen.Count == Lines)
                {
                    break;
                }
            }

            return seen;
        }, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(bundle, "go"), "", TestContext.Current.CancellationToken);
        while (!following.IsCompleted)
        {
            await logs.RotateAsync(TestContext.Current.CancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var expected = Enumerable.Range(1, Lines).Select(i => $"line {i}");
        Assert.Equal(expected, await following);
        Assert.Equal(expected, logs.LastLines(id, Lines + 1));
        Assert.InRange(LogFiles.Rotated(path).Count, 5, 1000);
        TestContext.Current.TestOutputHelper?.WriteLine($"rotated {LogFiles.Rotated(path).Count} times");
    }

    public void Dispose()
    {
        // The supervised process ends by itself after its last line, and conmon with it.
        if (File.Exists(Path.Combine(_directory, "bundle", "conmon.pid"))
            && int.TryParse(File.ReadAllText(Path.Combine(_directory, "bundle", "conmon.pid")), out var pid))
        {
            try
            {
                using var conmon = Process.GetProcessById(pid);
                if (conmon.ProcessName == "conmon")
                {
                    conmon.Kill(entireProcessTree: true);
                }
            }
            catch (ArgumentException)
            {
            }
        }

        Directory.Delete(_directory, recursive: true);
    }
}
