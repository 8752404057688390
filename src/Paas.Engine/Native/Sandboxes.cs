using System.Net;
using Microsoft.Extensions.Logging;
using Paas.Engine.Native.Bundles;
using Paas.Engine.Native.Cgroups;
using Paas.Engine.Native.Disk;
using Paas.Engine.Native.Interop;
using Paas.Engine.Native.Network;
using Paas.Engine.Native.Roots;
using Paas.Engine.Native.Runtimes;
using Paas.Oci;

namespace Paas.Engine.Native;

/// <summary>Makes what a sandbox stands on (root, bundle, address) and takes it away again. Who starts the process and
/// watches it is another's: conmon for instances, hold for the foreground.</summary>
internal sealed partial class Sandboxes(
    NativeOptions options,
    Images images,
    InstanceNetwork network,
    Uppers uppers,
    ILogger<Sandboxes> logger) : IDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private volatile Machine? _machine;

    public Runtime Runtime => Ready.Runtime;

    public Cgroup Cgroup => Ready.Cgroup;

    /// <summary>Remembers the address of an instance that an earlier control started.</summary>
    public IPAddress Gateway => network.Gateway;

    public void Adopt(string id, IPAddress address) => network.Adopt(id, address);

    public SandboxIds Ids => new(Ready.IdBase ?? 0);

    public EngineCapabilities Capabilities => Ready.Capabilities;

    public bool Started => _machine is not null;

    /// <summary>Exit codes as conmon leaves them, one file for each id.</summary>
    public string ExitDirectory => Path.Combine(options.StateDirectory, "x");

    private Machine Ready => _machine ?? throw new InvalidOperationException("The engine was not started.");

    /// <summary>Finds out what this machine can do and takes the home for this process alone. Can be repeated.</summary>
    /// <exception cref="EngineException">Another control holds the home, or no runtime works here.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_machine is not null)
            {
                return;
            }

            foreach (var name in (ReadOnlySpan<string>)["b", "c", "x", "l"])
            {
                Directory.CreateDirectory(Path.Combine(options.StateDirectory, name));
            }

            MakePassable(Path.GetDirectoryName(options.StateDirectory)!);

            await network.StartAsync(cancellationToken);
            await uppers.StartAsync(cancellationToken);
            _machine = await Machine.DetectAsync(options, uppers.Missing, cancellationToken);
            Admit(options.StateDirectory);
            LogStarted(Runtime.Name, Cgroup.Version, _machine.IdBase is not null);
        }
        finally
        {
            _starting.Release();
        }
    }

    public Bundle BundleOf(string id) => new(Path.Combine(options.StateDirectory, "b", id));

    /// <summary>Who the image's processes run as. Without a user namespace its root would be the host's, so it is 1000 then.</summary>
    public async Task<(int Uid, int Gid)> UserOfAsync(Image image, CancellationToken cancellationToken)
    {
        var user = ImageUser.Resolve(image.Config.Config?.User, await images.UnpackAsync(image, cancellationToken));
        return user.Uid == 0 && Ready.IdBase is null ? (1000, 1000) : user;
    }

    /// <summary>Unpacks the image, mounts the root, and writes the bundle. What an earlier sandbox of the id left goes first.</summary>
    public async Task<PreparedSandbox> PrepareAsync(SandboxSpec spec, Image image, string hostname, CancellationToken cancellationToken)
    {
        var machine = Ready;
        machine.Cgroup.Prime();
        var lowers = await images.UnpackAsync(image, cancellationToken);
        var bundle = BundleOf(spec.Id);
        if (Directory.Exists(bundle.Root))
        {
            await ClearAsync(spec, cancellationToken);
        }

        var address = spec.Network == SandboxNetwork.Isolated ? network.Allocate(spec.Id) : null;
        bundle.Write(new BundleSpec
        {
            Sandbox = spec,
            Hostname = hostname,
            Address = address,
            Gateway = address is null ? null : network.Gateway,
            CgroupsPath = machine.Cgroup.PathOf(spec.Id),
            IdBase = machine.IdBase,
            Init = machine.Init,
            Seccomp = spec.MakesImages ? SeccompProfile.ForImageBuilds : SeccompProfile.ForThisMachine,
            SeccompFilter = machine.Runtime.IsCrun && !spec.MakesImages ? machine.SeccompFilter : null,
            LimitSwap = machine.Cgroup.LimitSwap,
        });
        var upper = spec.UpperRoot is null ? uppers.Create(spec.Id) : Path.Combine(spec.UpperRoot, spec.Id);
        Overlay.Mount(machine.Lowers, lowers, upper, bundle.RootFs, Ids.Host(0), Ids.Host(0));
        foreach (var mount in spec.Mounts.Where(mount => mount.Lowers is { Count: > 0 }))
        {
            Mount(mount, spec.Uid, spec.Gid);
        }

        return new PreparedSandbox(spec, bundle, address);
    }

    /// <summary>Mounts the overlay of a mount and returns its merged view; what was mounted there before is taken away.</summary>
    public string Mount(SandboxMount mount, int uid, int gid)
    {
        var merged = Path.Combine(mount.Source, "merged");
        Directory.CreateDirectory(merged);
        Overlay.Unmount(merged);
        Overlay.Mount(Ready.Lowers, mount.Lowers!, mount.Source, merged, Ids.Host(uid), Ids.Host(gid));
        return merged;
    }

    /// <summary>Between create and start: the network of the created sandbox. Returns when packets pass.</summary>
    public void Connect(PreparedSandbox sandbox, int pid)
    {
        if (sandbox.Address is not null)
        {
            network.Attach(sandbox.Address, pid);
        }
    }

    /// <summary>Kills what still runs and takes everything away but overlays in <see cref="SandboxSpec.Mounts"/>. "Not there" is success.</summary>
    public async Task ClearAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        await ClearAsync(spec.Id, cancellationToken);
        if (spec.UpperRoot is not null)
        {
            RemoveTree(Path.Combine(spec.UpperRoot, spec.Id));
        }
    }

    /// <inheritdoc cref="ClearAsync(SandboxSpec, CancellationToken)"/>
    public async Task ClearAsync(string id, CancellationToken cancellationToken)
    {
        Cgroup.Kill(id);
        var bundle = BundleOf(id);
        await Conmon.EndAsync(bundle, cancellationToken);
        await Runtime.DeleteAsync(id, cancellationToken);
        Cgroup.Remove(id);
        Overlay.Unmount(bundle.RootFs);
        RemoveTree(bundle.Root);
        uppers.Remove(id);
        File.Delete(Path.Combine(ExitDirectory, id));
    }

    public void Release(IPAddress? address)
    {
        if (address is not null)
        {
            network.Release(address);
        }
    }

    public long DiskBytes(string id) => uppers.UsedBytes(id);

    /// <summary>Removes every sandbox that nobody claims: what a dead control or a power cut left.</summary>
    public async Task SweepAsync(IReadOnlySet<string> keep, CancellationToken cancellationToken)
    {
        var found = Directory.EnumerateDirectories(Path.Combine(options.StateDirectory, "b"))
            .Concat(Directory.EnumerateDirectories(Runtime.Root))
            .Select(directory => Path.GetFileName(directory))
            .Concat(Cgroup.List())
            .Concat(uppers.Ids().Where(id => id != "lost+found"))
            .Where(id => !keep.Contains(id))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var id in found)
        {
            try
            {
                await ClearAsync(id, cancellationToken);
                LogSwept(id);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // One that cannot be cleared away now must not keep the platform down; the next start tries again.
                LogNotSwept(exception, id);
            }
        }

        network.Sweep();
    }

    /// <summary>Leaves nothing in the kernel.</summary>
    public async Task ShutDownAsync(CancellationToken cancellationToken)
    {
        await SweepAsync(new HashSet<string>(), cancellationToken);
        Cgroup.RemoveAll();
        Ready.Lowers.Clear();
        await network.RemoveAsync(cancellationToken);
        uppers.Discard();
    }

    public void Dispose()
    {
        _machine?.Dispose();
        _starting.Dispose();
    }

    /// <summary>Lets the sandboxes' own root walk through a directory and nobody else on this machine: roots and layers of all apps lie
    /// behind it, readable to whoever gets that far.</summary>
    public void Admit(string directory)
    {
        Directory.CreateDirectory(directory);
        Libc.Check(Libc.ChangeOwner(directory, -1, Ids.Host(0)), $"chown {directory}");
        File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute);
    }

    private static void MakePassable(string directory)
    {
        // The mapped root walks from / down to its bundle.
        for (var part = new DirectoryInfo(directory); part is not null; part = part.Parent)
        {
            if (!part.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                part.UnixFileMode |= UnixFileMode.OtherExecute;
            }
        }
    }

    private static void RemoveTree(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [LoggerMessage(LogLevel.Information, "Native engine: {Runtime}, cgroup v{Cgroup}, user namespaces: {UserNamespaces}")]
    private partial void LogStarted(string runtime, int cgroup, bool userNamespaces);

    [LoggerMessage(LogLevel.Information, "Removed {Id}, left by an earlier run")]
    private partial void LogSwept(string id);

    [LoggerMessage(LogLevel.Error, "{Id}, left by an earlier run, could not be removed")]
    private partial void LogNotSwept(Exception exception, string id);
}

/// <summary>A sandbox with root and bundle, not yet created.</summary>
internal sealed record PreparedSandbox(SandboxSpec Spec, Bundle Bundle, IPAddress? Address);
