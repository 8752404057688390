using System.Net;
using Microsoft.Extensions.Logging;
using Paas.Engine.Native.Interop;
using Paas.Engine.Native.Logs;
using Paas.Engine.Native.Runtimes;
using Paas.Oci;

namespace Paas.Engine.Native.Instances;

/// <summary>One start and one end of an instance: sandbox, conmon, network. It keeps nothing; whoever holds the handle owns the run.</summary>
internal sealed partial class InstanceHost(
    NativeOptions options,
    Sandboxes sandboxes,
    Images images,
    InstanceLogs logs,
    EventHub events,
    TimeProvider time,
    ILogger<InstanceHost> logger) : IDisposable
{
    /// <summary>How long a killed process may take to go: one that the kernel holds in a write to a slow disk needs its time.</summary>
    private static readonly TimeSpan Burial = TimeSpan.FromSeconds(30);

    // More at once only make each other slower.
    private readonly SemaphoreSlim _starts = new(Math.Max(2, Environment.ProcessorCount * 2));

    public NativeOptions Options => options;

    public EventHub Events => events;

    public TimeProvider Time => time;

    /// <summary>"hello.v3.web.1"; the replacement of one whose supervisor died has a name of its own while both exist.</summary>
    public static string NameOf(InstanceId id, int slot) => slot == 0 ? id.ToString() : $"{id}.b";

    /// <exception cref="EngineException">It could not be started; nothing of it is left.</exception>
    public async Task<InstanceHandle> StartAsync(InstanceId id, ProcessSpec spec, int slot, CancellationToken cancellationToken)
    {
        await _starts.WaitAsync(cancellationToken);
        PreparedSandbox? prepared = null;
        var name = NameOf(id, slot);
        try
        {
            var image = await images.ReadAsync(spec.Image, cancellationToken);
            var sandbox = Specifications.Of(spec, image, name, await sandboxes.UserOfAsync(image, cancellationToken));
            prepared = await sandboxes.PrepareAsync(sandbox, image, id.Short, cancellationToken);
            var log = logs.Prepare(id, prepared.Bundle.Control);
            var (init, conmon) = await Conmon.CreateAsync(sandboxes.Runtime, name, prepared.Bundle, sandboxes.ExitDirectory, log, cancellationToken);
            sandboxes.Connect(prepared, init);
            var handle = new InstanceHandle(
                InstanceHandle.Current, id.Index, slot, Convert.ToHexStringLower(Guid.NewGuid().ToByteArray().AsSpan(0, 4)), prepared.Address?.ToString(),
                init, PidWatch.StartTime(init) ?? 0, conmon, PidWatch.StartTime(conmon) ?? 0, time.GetUtcNow())
            {
                StopSignal = StopSignal.Parse(image.Config.Config?.StopSignal),
            };
            await sandboxes.Runtime.StartAsync(name, cancellationToken);
            sandboxes.Cgroup.Shelter(conmon);
            LogStarted(name, handle.Run);
            return handle;
        }
        catch (Exception exception)
        {
            await sandboxes.ClearAsync(name, CancellationToken.None);
            sandboxes.Release(prepared?.Address);
            logs.Ended(id);
            if (exception is FileNotFoundException or InvalidDataException or IOException)
            {
                throw new EngineException($"The image of {id} cannot be used: {exception.Message}", exception);
            }

            throw;
        }
        finally
        {
            _starts.Release();
        }
    }

    /// <summary>Completes when the supervisor has ended, which is after its instance unless it died.</summary>
    public static Task EndOfAsync(InstanceHandle run) => PidWatch.EndOfAsync(run.ConmonPid, run.ConmonStart);

    public static bool Lives(InstanceHandle run) => PidWatch.Lives(run.InitPid, run.InitStart);

    /// <summary>How a run ended that nobody stopped. To be asked before <see cref="ClearAsync"/>.</summary>
    public ExitInfo ExitOf(InstanceId id, InstanceHandle run, Limits limits)
    {
        var name = NameOf(id, run.Slot);
        var code = Conmon.ExitCode(sandboxes.ExitDirectory, name);
        var cause = code is null ? "supervisor died"
            : code != 0 && sandboxes.Cgroup.OutOfMemoryKills(name) > 0 ? $"out of memory at {Amount.Of(limits.MemoryBytes)}"
            : null;
        return new ExitInfo(code ?? -1, time.GetUtcNow(), cause);
    }

    public long DiskBytes(InstanceId id, InstanceHandle run) => sandboxes.DiskBytes(NameOf(id, run.Slot));

    /// <summary>SIGTERM or what the image wants instead, grace, SIGKILL; then takes everything away.</summary>
    /// <exception cref="EngineException">The kernel does not let go of it yet; the call can be repeated.</exception>
    public async Task StopAsync(InstanceId id, InstanceHandle run, TimeSpan grace)
    {
        PidWatch.Signal(run.InitPid, run.InitStart, run.StopSignal ?? Libc.SIGTERM);
        var init = PidWatch.EndOfAsync(run.InitPid, run.InitStart);
        await Task.WhenAny(init, Task.Delay(grace, time, CancellationToken.None));
        if (!init.IsCompleted)
        {
            LogKilled(NameOf(id, run.Slot), grace);
            Kill(id, run);
            if (await Task.WhenAny(init, Task.Delay(Burial, time, CancellationToken.None)) != init)
            {
                throw new EngineException($"{NameOf(id, run.Slot)} was killed {Burial.TotalSeconds:0} s ago and still has not ended: its disk does not answer.");
            }
        }

        await ClearAsync(id, run);
    }

    public void Kill(InstanceId id, InstanceHandle run)
    {
        sandboxes.Cgroup.Kill(NameOf(id, run.Slot));
        PidWatch.Signal(run.InitPid, run.InitStart, Libc.SIGKILL);
    }

    /// <summary>Takes away what a run that has ended leaves: runtime state, mounts, upper, address, cgroup.</summary>
    public async Task ClearAsync(InstanceId id, InstanceHandle run)
    {
        await sandboxes.ClearAsync(NameOf(id, run.Slot), CancellationToken.None);
        sandboxes.Release(run.Address is null ? null : IPAddress.Parse(run.Address));
    }

    public void Adopt(InstanceId id, InstanceHandle run)
    {
        var name = NameOf(id, run.Slot);
        if (run.Address is not null)
        {
            sandboxes.Adopt(name, IPAddress.Parse(run.Address));
        }

        logs.Prepare(id, sandboxes.BundleOf(name).Control);
        LogAdopted(name, run.Run);
    }

    /// <summary>Runs a command inside a run. Cancelling kills the command.</summary>
    public async Task<ExitInfo> ExecAsync(InstanceId id, InstanceHandle run, IReadOnlyList<string> args, RunStreams streams, CancellationToken cancellationToken)
    {
        var name = NameOf(id, run.Slot);
        var code = await ForegroundExec.RunAsync(sandboxes.Runtime, name, sandboxes.BundleOf(name), args, streams, cancellationToken);
        return new ExitInfo(code, time.GetUtcNow(), null);
    }

    public void Dispose() => _starts.Dispose();

    [LoggerMessage(LogLevel.Debug, "Started {Name} (run {Run})")]
    private partial void LogStarted(string name, string run);

    [LoggerMessage(LogLevel.Information, "Adopted {Name} (run {Run})")]
    private partial void LogAdopted(string name, string run);

    [LoggerMessage(LogLevel.Warning, "{Name} did not end within {Grace} of SIGTERM and is killed")]
    private partial void LogKilled(string name, TimeSpan grace);
}
