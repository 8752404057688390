using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Paas.Engine.Native.Instances;
using Paas.Engine.Native.Logs;
using Paas.Engine.Native.Network;
using Paas.Oci;

namespace Paas.Engine.Native;

/// <summary>Runs instances on this server without a daemon: conmon and crun (or runc) on overlay mounts of the content store.
/// Instances outlive this process; the next one adopts them.</summary>
public sealed partial class NativeEngine : IEngine, IAsyncDisposable
{
    private const int TailForDiagnosis = 20;

    private readonly ConcurrentDictionary<ProcessKey, ProcessInstances> _processes = new();
    private readonly NativeOptions _options;
    private readonly Sandboxes _sandboxes;
    private readonly Sandbox _foreground;
    private readonly InstanceHost _host;
    private readonly InstanceLogs _logs;
    private readonly Images _images;
    private readonly ProcessRecords _records;
    private readonly ILogger<NativeEngine> _logger;
    private readonly CancellationTokenSource _ending = new();
    private Task _rotating = Task.CompletedTask;

    internal NativeEngine(
        NativeOptions options, Sandboxes sandboxes, Sandbox foreground, InstanceHost host, InstanceLogs logs, Images images, ILogger<NativeEngine> logger)
    {
        _options = options;
        _sandboxes = sandboxes;
        _foreground = foreground;
        _host = host;
        _logs = logs;
        _images = images;
        _records = new ProcessRecords(Path.Combine(options.StateDirectory, "p"));
        _logger = logger;
    }

    /// <summary>Instances ask this address for names (DNS, port 53). Known after <see cref="StartAsync"/>.</summary>
    public IPAddress Gateway => _sandboxes.Gateway;

    public EngineCapabilities Capabilities => _sandboxes.Capabilities;

    /// <summary>Adopts what an earlier control left running, restarts what died meanwhile, and removes the rest
    /// (one-offs, builds, half-made starts). Control calls it before it serves.</summary>
    /// <exception cref="EngineException">Another control holds the home, or no runtime works here.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ForgetEarlierBoot();
        await _sandboxes.StartAsync(cancellationToken);
        var adopted = new HashSet<string>(StringComparer.Ordinal);
        var records = _records.Load().ToArray();
        foreach (var record in records)
        {
            var process = new ProcessInstances(record.Spec, _host, _records, _logger);
            _processes[record.Spec.Key] = process;
            adopted.UnionWith(process.Adopt(record.Instances));
        }

        await _sandboxes.SweepAsync(adopted, cancellationToken);
        foreach (var record in records)
        {
            await ApplyAsync(record.Spec, cancellationToken);
        }

        _rotating = RotateLogsAsync();
        foreach (var sentence in Capabilities.Missing)
        {
            LogMissing(sentence);
        }
    }

    public async Task ApplyAsync(ProcessSpec spec, CancellationToken cancellationToken)
    {
        while (true)
        {
            var process = _processes.GetOrAdd(spec.Key, _ => new ProcessInstances(spec, _host, _records, _logger));
            if (await process.TryApplyAsync(spec, cancellationToken))
            {
                return;
            }

            _processes.TryRemove(KeyValuePair.Create(spec.Key, process));
        }
    }

    public async Task RemoveAsync(ProcessKey process, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (_processes.TryGetValue(process, out var instances))
        {
            await instances.RemoveAsync(grace, cancellationToken);
            _processes.TryRemove(KeyValuePair.Create(process, instances));
        }
    }

    public IAsyncEnumerable<EngineEvent> WatchAsync(CancellationToken cancellationToken) => _host.Events.WatchAsync(cancellationToken);

    public async Task<ExitInfo> RunAsync(RunSpec spec, RunStreams streams, CancellationToken cancellationToken)
    {
        var image = await _images.ReadAsync(spec.Image, cancellationToken);
        return await _foreground.RunAsync(Specifications.Of(spec, image, await _sandboxes.UserOfAsync(image, cancellationToken)), streams, cancellationToken);
    }

    public async Task<ExitInfo?> ExecAsync(InstanceId instance, IReadOnlyList<string> args, RunStreams streams, CancellationToken cancellationToken) =>
        Running(instance) is { } run ? await _host.ExecAsync(instance, run, args, streams, cancellationToken) : null;

    public IAsyncEnumerable<LogLine> LogsAsync(LogQuery query, CancellationToken cancellationToken) => _logs.ReadAsync(query, cancellationToken);

    public Task<InstanceUsage?> UsageAsync(InstanceId instance, CancellationToken cancellationToken) => Task.FromResult(
        Running(instance) is { } run && _sandboxes.Cgroup.Usage(InstanceHost.NameOf(instance, run.Slot)) is { } usage
            ? new InstanceUsage(usage.Memory, LimitOf(instance), usage.Cpu)
            : null);

    public Task<InstanceStats?> StatsAsync(InstanceId instance, CancellationToken cancellationToken)
    {
        if (Running(instance) is not { } run || _sandboxes.Cgroup.Usage(InstanceHost.NameOf(instance, run.Slot)) is not { } usage)
        {
            return Task.FromResult<InstanceStats?>(null);
        }

        var limit = LimitOf(instance);
        return Task.Run(
            () => (InstanceStats?)new InstanceStats(usage.Memory, limit, usage.Cpu, usage.Pids, _host.DiskBytes(instance, run)),
            cancellationToken);
    }

    public Task<Inspection?> InspectAsync(InstanceId instance, CancellationToken cancellationToken) => Task.Run(
        () => _host.Events.Find(instance) is { } state
            ? new Inspection(state, Running(instance) is { } run ? Listeners.Of(run.InitPid) : [], _logs.LastLines(instance, TailForDiagnosis))
            : null,
        cancellationToken);

    /// <summary>Stops every instance and takes the home's network away: `quickstart.sh stop`.</summary>
    public async Task ShutDownAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_processes.Values.Select(process => RemoveAsync(process.Spec.Key, process.Spec.StopGrace, cancellationToken)));
        await _sandboxes.ShutDownAsync(cancellationToken);
    }

    /// <summary>Lets go of the instances without touching them.</summary>
    public async ValueTask DisposeAsync()
    {
        // Asked for twice: it is a service under its own name and as the engine.
        if (_ending.IsCancellationRequested)
        {
            return;
        }

        foreach (var process in _processes.Values)
        {
            await process.LetGoAsync();
            process.Dispose();
        }

        await _ending.CancelAsync();
        await _rotating;
        _ending.Dispose();
    }

    private async Task RotateLogsAsync()
    {
        try
        {
            await _logs.RunAsync(_ending.Token);
        }
        catch (OperationCanceledException)
        {
            // Control ends.
        }
        catch (Exception exception)
        {
            LogNotRotating(exception);
        }
    }

    private long LimitOf(InstanceId instance) => _processes.TryGetValue(instance.Process, out var process) ? process.Spec.Limits.MemoryBytes : 0;

    private InstanceHandle? Running(InstanceId instance) =>
        _processes.TryGetValue(instance.Process, out var process) ? process.Find(instance.Index)?.Run : null;

    /// <summary>A tmpfs is empty after a reboot; where the state directory is none, what it says of another boot is void.</summary>
    private void ForgetEarlierBoot()
    {
        var mark = Path.Combine(_options.StateDirectory, "boot");
        var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id");
        if (File.Exists(mark) && File.ReadAllText(mark) == boot)
        {
            return;
        }

        foreach (var directory in (ReadOnlySpan<string>)["p", "c", "x"])
        {
            var path = Path.Combine(_options.StateDirectory, directory);
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
        }

        Directory.CreateDirectory(_options.StateDirectory);
        File.WriteAllText(mark, boot);
    }

    [LoggerMessage(LogLevel.Error, "Instances' logs are no longer rotated")]
    private partial void LogNotRotating(Exception exception);

    [LoggerMessage(LogLevel.Warning, "{Sentence}")]
    private partial void LogMissing(string sentence);
}
