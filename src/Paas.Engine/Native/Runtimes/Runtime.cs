using System.Text;
using System.Text.RegularExpressions;
using Paas.Engine.Native.Bundles;
using Paas.Engine.Native.Interop;

namespace Paas.Engine.Native.Runtimes;

/// <summary>The OCI runtime on this machine: crun where it works, else runc.</summary>
/// <param name="Program">What is executed: crun, the wrapper that hides cgroup2 from it, or runc.</param>
/// <param name="Name">"crun 1.8.1".</param>
/// <param name="Root">Where it keeps its state; absolute, because crun resolves a relative one after its chdir.</param>
internal sealed partial record Runtime(string Program, string Name, string Root)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] Environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"];

    public bool IsCrun => Name.StartsWith("crun", StringComparison.Ordinal);

    [GeneratedRegex(@"^(?:crun|runc) version (\S+)", RegexOptions.Multiline)]
    private static partial Regex VersionLine { get; }

    /// <exception cref="EngineException">There is none.</exception>
    public static async Task<Runtime> DetectAsync(NativeOptions options, string root, CancellationToken cancellationToken)
    {
        var hybrid = Directory.Exists("/sys/fs/cgroup/unified");
        foreach (var (name, program) in ((string, string)[])[
            ("crun", hybrid ? Path.Combine(options.Programs, "crunw") : "/usr/bin/crun"), ("runc", "/usr/sbin/runc"), ("runc", "/usr/bin/runc")])
        {
            if ((options.Runtime ?? name) != name || !File.Exists(program))
            {
                continue;
            }

            var (code, output) = await CaptureAsync([program, "--version"], cancellationToken);
            if (code == 0 && VersionLine.Match(output) is { Success: true } match)
            {
                return new Runtime(program, $"{name} {match.Groups[1].Value}", root);
            }
        }

        throw new EngineException($"No {options.Runtime ?? "crun or runc"} works on this machine. Install it: apt-get install crun runc");
    }

    /// <summary>Runs a program to its end; its output and errors as one text.</summary>
    public static async Task<(int Code, string Output)> CaptureAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var output = new Pipes();
        var child = ChildProcess.Start(arguments, Environment, [(output.WriteEnd, 1), (output.WriteEnd, 2)]);
        output.CloseWrite();
        using var reader = new StreamReader(output.OpenRead(), Encoding.UTF8);
        await using var kill = cancellationToken.Register(child.Kill);
        var text = await reader.ReadToEndAsync(CancellationToken.None);
        var code = await child.Ended;
        cancellationToken.ThrowIfCancellationRequested();
        return (code, text);
    }

    public IReadOnlyList<string> Create(string id, Bundle bundle) =>
        [Program, "--root", Root, "create", "--bundle", bundle.Root, "--pid-file", bundle.PidFile, id];

    public IReadOnlyList<string> Exec(string id, string processFile, string pidFile) =>
        [Program, "--root", Root, "exec", "--process", processFile, "--pid-file", pidFile, id];

    /// <summary>Starts a created sandbox through its exec.fifo, which takes 0.1 ms instead of a process's 8: crun reads a byte
    /// from it, runc writes one. That protocol is internal, so `start` stands behind it.</summary>
    public async Task StartAsync(string id, CancellationToken cancellationToken)
    {
        if (TryFifo(Path.Combine(Root, id, "exec.fifo")))
        {
            return;
        }

        var (code, output) = await CaptureAsync([Program, "--root", Root, "start", id], cancellationToken);
        if (code != 0)
        {
            throw new EngineException($"{Name} cannot start {id}: {output.Trim()}");
        }
    }

    /// <summary>Removes the runtime's state and the control groups; kills what still runs. "Not there" is success.</summary>
    /// <exception cref="EngineException">It does not come to its end; the call can be repeated.</exception>
    public async Task DeleteAsync(string id, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Path.Combine(Root, id)))
        {
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await CaptureAsync([Program, "--root", Root, "delete", "--force", id], patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineException($"{Name} has not deleted {id} within {Patience.TotalSeconds:0} s.");
        }
    }

    private unsafe bool TryFifo(string fifo)
    {
        // Non-blocking: without the other side there is an error (write) or the end (read) instead of a wait for ever.
        var descriptor = Libc.Open(fifo, Libc.O_CLOEXEC | Libc.O_NONBLOCK | (IsCrun ? Libc.O_WRONLY : Libc.O_RDONLY), 0);
        if (descriptor < 0)
        {
            return false;
        }

        try
        {
            byte value = 0;
            if (IsCrun)
            {
                return Libc.Write(descriptor, &value, 1) == 1;
            }

            if (Libc.Control(descriptor, 4, 0) != 0 || Libc.Read(descriptor, &value, 1) != 1)
            {
                return false;
            }

            File.Delete(fifo);
            return true;
        }
        finally
        {
            Libc.Close(descriptor);
        }
    }
}
