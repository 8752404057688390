using System.ComponentModel;
using Microsoft.Win32.SafeHandles;
using Paas.Engine.Native.Bundles;
using Paas.Engine.Native.Cgroups;
using Paas.Engine.Native.Interop;
using Paas.Engine.Native.Roots;
using Paas.Engine.Native.Runtimes;

namespace Paas.Engine.Native;

/// <summary>What this machine can do, found out once by trying, and the lock on the home.</summary>
internal sealed class Machine : IDisposable
{
    private const string InitProgram = "/usr/bin/tini-static";

    /// <summary>The kernel refuses a new /proc to a user namespace where parts of the old one are covered (mount_too_revealing in fs/namespace.c).</summary>
    private static readonly string[] ProcInside =
        ["/usr/bin/unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc", "/bin/true"];

    private readonly SafeFileHandle _lock;
    private readonly UserNamespace? _userNamespace;

    private Machine(SafeFileHandle homeLock, UserNamespace? userNamespace)
    {
        _lock = homeLock;
        _userNamespace = userNamespace;
    }

    public required Runtime Runtime { get; init; }

    public required Cgroup Cgroup { get; init; }

    public required Lowers Lowers { get; init; }

    /// <summary>Host id of the sandboxes' id 0; null without user namespaces.</summary>
    public required int? IdBase { get; init; }

    /// <summary>The init program; null when it is not installed.</summary>
    public required string? Init { get; init; }

    /// <summary>Null: the runtime compiles the profile at each start.</summary>
    public required string? SeccompFilter { get; init; }

    public required EngineCapabilities Capabilities { get; init; }

    public static async Task<Machine> DetectAsync(NativeOptions options, string? alsoMissing, CancellationToken cancellationToken)
    {
        var homeLock = TakeLock(Path.Combine(options.StateDirectory, "lock"));
        List<string> missing = alsoMissing is null ? [] : [alsoMissing];
        var runtime = await Runtime.DetectAsync(options, Path.Combine(options.StateDirectory, "c"), cancellationToken);
        var cgroup = Cgroup.Detect(options.Tag);
        var first = UserNamespace.BaseFor(options.Tag);
        var (ids, reason) = await TryUserNamespaceAsync(options, first, cancellationToken);
        if (ids is null)
        {
            missing.Add($"Instances and builds run without a user namespace: {reason}");
        }

        var init = File.Exists(InitProgram) ? InitProgram : null;
        if (init is null)
        {
            missing.Add("Programs are their own PID 1 and may ignore SIGTERM: install tini.");
        }

        if (!cgroup.LimitSwap)
        {
            missing.Add("Swap is not counted in the memory limit: the kernel was started without swapaccount=1.");
        }

        var lowers = new Lowers(Path.Combine(options.StateDirectory, "l"), ids);
        lowers.Clear();
        return new Machine(homeLock, ids)
        {
            Runtime = runtime,
            Cgroup = cgroup,
            Lowers = lowers,
            IdBase = ids is null ? null : first,
            Init = init,
            SeccompFilter = SeccompCompiler.TryCompile(SeccompProfile.ForThisMachine),
            Capabilities = new EngineCapabilities("native", runtime.Name, ids is not null, cgroup.Version, missing),
        };
    }

    public void Dispose()
    {
        _userNamespace?.Dispose();
        _lock.Dispose();
    }

    /// <summary>Held until the process ends, however it ends.</summary>
    private static SafeFileHandle TakeLock(string path)
    {
        var descriptor = (int)Libc.Check(Libc.Open(path, Libc.O_CREAT | Libc.O_RDWR | Libc.O_CLOEXEC, 0x180), $"open {path}");
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Libc.Lock(descriptor, Libc.LOCK_EX | Libc.LOCK_NB) == 0)
        {
            return handle;
        }

        handle.Dispose();
        throw new EngineException($"Another paasd runs the instances of this home ({path} is locked). Stop it first.");
    }

    /// <summary>By trying the very thing: an overlay on an idmapped directory of the disk that holds the snapshots (kernel 5.19 and later).</summary>
    private static async Task<(UserNamespace? Ids, string Reason)> TryUserNamespaceAsync(NativeOptions options, int first, CancellationToken cancellationToken)
    {
        var trial = Path.Combine(options.DataDirectory, "trial");
        UserNamespace? ids = null;
        try
        {
            ids = await UserNamespace.CreateAsync(Path.Combine(options.Programs, "userns"), first, cancellationToken);
            foreach (var name in (ReadOnlySpan<string>)["lower", "idmapped", "merged"])
            {
                Directory.CreateDirectory(Path.Combine(trial, name));
            }

            MountTree.AttachIdMapped(Path.Combine(trial, "lower"), Path.Combine(trial, "idmapped"), ids.Descriptor);
            Overlay.Mount(new Lowers(Path.Combine(trial, "l"), null), [Path.Combine(trial, "idmapped")], trial, Path.Combine(trial, "merged"), first, first);
            var (code, output) = await Runtime.CaptureAsync(ProcInside, cancellationToken);
            return code == 0 ? (ids, "") : throw new EngineException($"this machine lets none mount /proc, as inside many containers ({output.Trim()}).");
        }
        catch (Exception exception) when (exception is EngineException or Win32Exception or IOException or UnauthorizedAccessException)
        {
            ids?.Dispose();
            return (null, exception.Message);
        }
        finally
        {
            Overlay.Unmount(Path.Combine(trial, "merged"));
            Overlay.Unmount(Path.Combine(trial, "idmapped"));
            if (Directory.Exists(trial))
            {
                Directory.Delete(trial, recursive: true);
            }
        }
    }
}
