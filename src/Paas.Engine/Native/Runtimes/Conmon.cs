using System.Globalization;
using System.Text;
using System.Text.Json;
using Paas.Engine.Native.Bundles;
using Paas.Engine.Native.Interop;

namespace Paas.Engine.Native.Runtimes;

/// <summary>Supervises one instance while control comes and goes: holds its pipes, writes its log and exit file
/// (conmon 2.1; its protocol on fd 3 is api-version 1).</summary>
internal static class Conmon
{
    private const string Program = "/usr/bin/conmon";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Creates the sandbox under a conmon of its own.</summary>
    /// <returns>Pids of the sandbox's init and of its conmon.</returns>
    /// <exception cref="EngineException">The runtime did not create it; the message is the runtime's.</exception>
    public static async Task<(int Init, int Conmon)> CreateAsync(
        Runtime runtime, string id, Bundle bundle, string exitDirectory, string log, CancellationToken cancellationToken)
    {
        if (!File.Exists(Program))
        {
            throw new EngineException($"{Program} is missing. Install it: apt-get install conmon");
        }

        using var answer = new Pipes();
        var child = ChildProcess.Start(
            [
                Program, "--api-version", "1", "-c", id, "-u", id, "-n", id,
                "-r", runtime.Program, "--runtime-arg", "--root", "--runtime-arg", runtime.Root,
                "-b", bundle.Root, "-p", bundle.PidFile, "-P", bundle.ConmonPidFile,
                "--exit-dir", exitDirectory, "--persist-dir", bundle.Root,
                "-l", $"k8s-file:{log}", "--full-attach",
            ],
            ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "_OCI_SYNCPIPE=3"],
            [(answer.WriteEnd, 3)]);
        answer.CloseWrite();
        using var reader = new StreamReader(answer.OpenRead(), Encoding.UTF8);
        await child.Ended;
        var line = await reader.ReadLineAsync(cancellationToken);
        var said = string.IsNullOrWhiteSpace(line) ? null : JsonSerializer.Deserialize(line, RuntimeJson.Default.ConmonAnswer);
        var pid = said?.Data ?? said?.Pid ?? -1;
        if (pid <= 0)
        {
            throw new EngineException($"{runtime.Name} cannot create {id}: {said?.Message?.Trim() ?? "conmon gave no reason"}");
        }

        var conmon = int.Parse(await File.ReadAllTextAsync(bundle.ConmonPidFile, cancellationToken), CultureInfo.InvariantCulture);
        return (pid, conmon);
    }

    /// <summary>Waits for the bundle's conmon, whose instance is dead, to write its last files and end; one that does not is killed.
    /// None is success.</summary>
    public static async Task EndAsync(Bundle bundle, CancellationToken cancellationToken)
    {
        if (!File.Exists(bundle.ConmonPidFile)
            || !int.TryParse(await File.ReadAllTextAsync(bundle.ConmonPidFile, cancellationToken), CultureInfo.InvariantCulture, out var pid)
            || PidWatch.StartTime(pid) is not { } start
            || !(await ReadCommandLineAsync(pid, cancellationToken)).Contains($"\0{bundle.Root}\0", StringComparison.Ordinal))
        {
            return;
        }

        var ended = PidWatch.EndOfAsync(pid, start);
        if (await Task.WhenAny(ended, Task.Delay(Patience, TimeProvider.System, cancellationToken)) != ended)
        {
            PidWatch.Signal(pid, start, Libc.SIGKILL);
            await ended;
        }
    }

    /// <summary>Null when no exit was recorded. The file is whole once conmon has ended.</summary>
    public static int? ExitCode(string exitDirectory, string id)
    {
        try
        {
            return int.Parse(File.ReadAllText(Path.Combine(exitDirectory, id)), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static async Task<string> ReadCommandLineAsync(int pid, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync($"/proc/{pid}/cmdline", cancellationToken);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
