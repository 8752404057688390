using System.Globalization;
using Paas.Engine.Native.Disk;
using Paas.Engine.Native.Interop;
using Paas.Engine.Native.Network;
using Paas.Engine.Native.Roots;
using Paas.Oci;

namespace Paas.Engine.Native;

/// <summary>Runs one sandbox in the foreground on pipes, whichever engine runs the apps.</summary>
public sealed class Sandbox
{
    private readonly Sandboxes _sandboxes;
    private readonly InstanceNetwork _network;
    private readonly Images _images;
    private readonly NativeOptions _options;
    private readonly TimeProvider _time;

    internal Sandbox(Sandboxes sandboxes, InstanceNetwork network, Images images, NativeOptions options, TimeProvider time)
    {
        _sandboxes = sandboxes;
        _network = network;
        _images = images;
        _options = options;
        _time = time;
    }

    /// <summary>How ids inside map to the host. Known after <see cref="StartAsync"/> (control starts the engine before it serves).</summary>
    public SandboxIds Ids => _sandboxes.Ids;

    /// <summary>Finds out what this machine can do. Can be repeated; a run does it too.</summary>
    /// <exception cref="EngineException">Another control holds the home, or no runtime works here.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => _sandboxes.StartAsync(cancellationToken);

    /// <summary>Runs to the end; cancelling kills everything in it. Mounts, network and cgroup are gone when it returns.</summary>
    /// <exception cref="EngineException">It could not be started.</exception>
    public async Task<ExitInfo> RunAsync(SandboxSpec spec, RunStreams streams, CancellationToken cancellationToken)
    {
        await _sandboxes.StartAsync(cancellationToken);
        using var use = _images.Uses.Begin(spec.Image);
        var image = await _images.ReadAsync(spec.Image, cancellationToken);
        PreparedSandbox? prepared = null;
        try
        {
            prepared = await _sandboxes.PrepareAsync(spec, image, spec.Id, cancellationToken);
            if (prepared.Address is { } address)
            {
                _network.Permit(address, spec.Reach);
            }

            return await RunAsync(prepared, streams, cancellationToken);
        }
        finally
        {
            // Nothing may stay, whatever the caller waits for.
            await _sandboxes.ClearAsync(spec, CancellationToken.None);
            _sandboxes.Release(prepared?.Address);
        }
    }

    /// <summary>Mounts an overlay for several runs, which then get the returned merged view as a plain mount: what is written to it
    /// between them lasts. <see cref="Unmount"/> ends it.</summary>
    /// <param name="uid">Owner inside of the merged root.</param>
    public string Mount(SandboxMount mount, int uid, int gid) => _sandboxes.Mount(mount, uid, gid);

    /// <summary>Makes a directory that only the host's root and the sandboxes' own can walk through: for what is mounted into sandboxes.</summary>
    public void Admit(string directory) => _sandboxes.Admit(directory);

    /// <summary>Takes the merged view of an overlay mount away. "Not there" is success.</summary>
    public static void Unmount(SandboxMount mount) => Overlay.Unmount(Path.Combine(mount.Source, "merged"));

    private async Task<ExitInfo> RunAsync(PreparedSandbox prepared, RunStreams streams, CancellationToken cancellationToken)
    {
        var spec = prepared.Spec;
        using var status = new Pipes();
        using var foreground = new ForegroundStreams(streams);
        var child = ChildProcess.Start(
            [Path.Combine(_options.Programs, "hold"), prepared.Bundle.PidFile, .. _sandboxes.Runtime.Create(spec.Id, prepared.Bundle)],
            ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
            [.. foreground.ForChild, (status.WriteEnd, 3)]);
        status.CloseWrite();
        var pumps = foreground.PumpAsync();
        string? cause = null;
        using var ended = new CancellationTokenSource();
        try
        {
            if (!await CreatedAsync(status))
            {
                var code = await child.Ended;
                await pumps;
                throw new EngineException($"{_sandboxes.Runtime.Name} cannot create {spec.Id} (exit {code}): {foreground.LastError}");
            }

            foreground.Created();
            cancellationToken.ThrowIfCancellationRequested();
            var pid = int.Parse(await File.ReadAllTextAsync(prepared.Bundle.PidFile, cancellationToken), CultureInfo.InvariantCulture);
            _sandboxes.Connect(prepared, pid);
            await _sandboxes.Runtime.StartAsync(spec.Id, cancellationToken);
            var limit = WatchLimitsAsync(spec, reason => { cause = reason; _sandboxes.Cgroup.Kill(spec.Id); }, ended.Token);
            var exit = await child.Ended.WaitAsync(cancellationToken);
            await ended.CancelAsync();
            await limit;
            await pumps;
            return new ExitInfo(exit, _time.GetUtcNow(), exit == 0 ? null : cause ?? CauseOf(spec));
        }
        catch
        {
            await ended.CancelAsync();
            _sandboxes.Cgroup.Kill(spec.Id);
            if (!child.Ended.IsCompleted && !_sandboxes.Cgroup.List().Contains(spec.Id))
            {
                child.Kill();
            }

            await child.Ended;
            await foreground.AbandonAsync(pumps);
            throw;
        }
    }

    /// <summary>False: hold ended before the sandbox was created.</summary>
    private static async Task<bool> CreatedAsync(Pipes status)
    {
        await using var reader = status.OpenRead();
        return await reader.ReadAsync(new byte[16], CancellationToken.None) > 0;
    }

    /// <summary>Time and disk: what no cgroup counts. Ends when the token says so.</summary>
    private async Task WatchLimitsAsync(SandboxSpec spec, Action<string> kill, CancellationToken ended)
    {
        var deadline = spec.Timeout is { } timeout ? _time.GetUtcNow() + timeout : (DateTimeOffset?)null;
        try
        {
            while (true)
            {
                var left = deadline - _time.GetUtcNow();
                var pause = left < _options.DiskCheck ? left.Value : _options.DiskCheck;
                await Task.Delay(pause < TimeSpan.Zero ? TimeSpan.Zero : pause, _time, ended);
                if (_time.GetUtcNow() >= deadline)
                {
                    kill($"time limit of {Amount.Of(spec.Timeout!.Value)}");
                    return;
                }

                if (spec.UpperRoot is null && _sandboxes.DiskBytes(spec.Id) > spec.Limits.DiskBytes)
                {
                    kill($"disk limit of {Amount.Of(spec.Limits.DiskBytes)}");
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It ended within its limits.
        }
    }

    private string? CauseOf(SandboxSpec spec)
    {
        if (_sandboxes.Cgroup.OutOfMemoryKills(spec.Id) > 0)
        {
            return $"out of memory at {Amount.Of(spec.Limits.MemoryBytes)}";
        }

        // What a program does when its disk is full is its own affair; that the disk is full is not.
        if (spec.UpperRoot is not null && LoopFile.IsFullAt(spec.UpperRoot))
        {
            return $"disk limit of {Amount.Of(new DriveInfo(spec.UpperRoot).TotalSize)}";
        }

        return null;
    }
}
