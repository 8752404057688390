using System.Globalization;
using System.Text.Json;
using Paas.Engine.Native.Bundles;
using Paas.Engine.Native.Interop;

namespace Paas.Engine.Native.Runtimes;

/// <summary>One command inside a running sandbox, with its user, environment and rules.</summary>
internal static class ForegroundExec
{
    /// <returns>Exit code; 128+n for signal n.</returns>
    public static async Task<int> RunAsync(
        Runtime runtime, string id, Bundle bundle, IReadOnlyList<string> args, RunStreams streams, CancellationToken cancellationToken)
    {
        var config = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(bundle.Config, cancellationToken), RuntimeJson.Default.RuntimeConfig)!;
        var process = Path.Combine(bundle.Root, $"exec-{Guid.NewGuid():n}.json");
        var pidFile = Path.ChangeExtension(process, ".pid");
        await using (var file = new FileStream(process, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            await JsonSerializer.SerializeAsync(file, config.Process with { Args = args }, RuntimeJson.Default.RuntimeProcess, cancellationToken);
        }

        try
        {
            using var foreground = new ForegroundStreams(streams);
            foreground.Created();
            var child = ChildProcess.Start(runtime.Exec(id, process, pidFile), ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], [.. foreground.ForChild]);
            var pumps = foreground.PumpAsync();
            await using var kill = cancellationToken.Register(() => Kill(pidFile, child));
            var code = await child.Ended;
            if (cancellationToken.IsCancellationRequested)
            {
                await foreground.AbandonAsync(pumps);
                cancellationToken.ThrowIfCancellationRequested();
            }

            await pumps;
            return code;
        }
        finally
        {
            File.Delete(process);
            File.Delete(pidFile);
        }
    }

    private static void Kill(string pidFile, ChildProcess runtime)
    {
        if (File.Exists(pidFile) && int.TryParse(File.ReadAllText(pidFile), CultureInfo.InvariantCulture, out var pid))
        {
            Libc.Kill(pid, Libc.SIGKILL);
        }
        else
        {
            runtime.Kill();
        }
    }
}
