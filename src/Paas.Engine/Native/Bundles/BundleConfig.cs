using System.Text.Json;

namespace Paas.Engine.Native.Bundles;

/// <summary>Writes config.json (OCI runtime-spec v1.0.2, config.md) from a specification: same input, same text.</summary>
internal static class BundleConfig
{
    /// <summary>Where the init program is seen inside: on the sandbox's own tmpfs, so that the root stays as the image has it.</summary>
    public const string InitTarget = "/dev/init";

    /// <summary>Ids inside are 0-65535.</summary>
    public const int IdCount = 65536;

    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly string[] MaskedPaths =
    [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
        "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
    ];

    private static readonly string[] ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    // null, zero, full, random, urandom, tty, ptmx; pseudo-terminals.
    private static readonly (int Major, int? Minor)[] Devices = [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2), (136, null)];

    /// <summary>What root of an image needs to hand its files and processes over to another user and to listen on a low port, as most official images do.
    /// Only in a user namespace, where it holds for the instance's own ids alone (docs/decisions/foreign-images.md).</summary>
    private static readonly string[] RootCapabilities = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID"];

    /// <summary>What buildah needs for chroot isolation and overlays of its own, and what RUN steps of root need to install packages. Only in a user
    /// namespace, where none of it reaches beyond the sandbox (docs/decisions/dockerfiles.md).</summary>
    private static readonly string[] ImageBuildCapabilities = [.. RootCapabilities, "CAP_SETFCAP", "CAP_SETPCAP", "CAP_SYS_ADMIN", "CAP_SYS_CHROOT"];

    /// <summary>Every port is free in a network namespace of one's own: a program that is not root may listen on 80 too.</summary>
    private static readonly Dictionary<string, string> Sysctl = new(StringComparer.Ordinal) { ["net.ipv4.ip_unprivileged_port_start"] = "0" };

    public static string Json(Bundle bundle, BundleSpec spec)
    {
        var sandbox = spec.Sandbox;
        return JsonSerializer.Serialize(
            new RuntimeConfig(
                "1.0.2",
                new RuntimeProcess(
                    Terminal: false,
                    new RuntimeUser(sandbox.Uid, sandbox.Gid),
                    spec.Init is null ? sandbox.Args : [InitTarget, "-g", "--", .. sandbox.Args],
                    Environment(sandbox.Env),
                    sandbox.WorkingDirectory,
                    Capabilities(spec),
                    NoNewPrivileges: true,
                    [new RuntimeLimit("RLIMIT_CORE", 0, 0), .. sandbox.Limits.OpenFiles is { } files ? [new RuntimeLimit("RLIMIT_NOFILE", files, files)] : Array.Empty<RuntimeLimit>()]),
                new RuntimeRoot(bundle.RootFs, sandbox.ReadOnlyRoot),
                HostnameOf(spec.Hostname),
                Mounts(bundle, spec),
                new RuntimeLinux(
                    Namespaces(spec),
                    IdMap(spec),
                    IdMap(spec),
                    spec.CgroupsPath,
                    Resources(spec),
                    spec.Seccomp,
                    MaskedPaths,
                    ReadonlyPaths,
                    Sysctl),
                spec.SeccompFilter is null ? null : new Dictionary<string, string> { ["run.oci.seccomp_bpf_data"] = spec.SeccompFilter }),
            RuntimeJson.Default.RuntimeConfig);
    }

    private static RuntimeCapabilities Capabilities(BundleSpec spec) => spec switch
    {
        { Sandbox.MakesImages: true, IdBase: null } => throw new EngineException("Images are made in a user namespace only, and this machine gives none."),
        { Sandbox: { MakesImages: true, Uid: 0 } } => new RuntimeCapabilities(ImageBuildCapabilities, ImageBuildCapabilities, ImageBuildCapabilities, [], []),
        { Sandbox.Uid: 0, IdBase: not null } => new RuntimeCapabilities(RootCapabilities, RootCapabilities, RootCapabilities, [], []),
        _ => new RuntimeCapabilities([], [], [], [], []),
    };

    /// <summary>At most 63 characters, letters, digits and '-' (hostname(7)).</summary>
    public static string HostnameOf(string name)
    {
        var text = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-'));
        return text.Length > 63 ? text[^63..].TrimStart('-') : text;
    }

    private static List<string> Environment(IReadOnlyDictionary<string, string> variables)
    {
        var lines = variables.OrderBy(variable => variable.Key, StringComparer.Ordinal).Select(variable => $"{variable.Key}={variable.Value}").ToList();
        return variables.ContainsKey("PATH") ? lines : [DefaultPath, .. lines];
    }

    private static List<RuntimeMount> Mounts(Bundle bundle, BundleSpec spec)
    {
        List<RuntimeMount> mounts =
        [
            new("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
            new("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            new("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]),
            new("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
            new("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
            new("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
            // Where runtimes (the JVM, .NET, Node, our buildpacks' own defaults) read how much memory and CPU they may use.
            new("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev", "relatime", "ro"]),
            Bind(bundle.ResolvConf, "/etc/resolv.conf", readOnly: true),
            Bind(bundle.Hosts, "/etc/hosts", readOnly: true),
            Bind(bundle.Hostname, "/etc/hostname", readOnly: true),
        ];
        if (spec.Init is not null)
        {
            mounts.Add(new RuntimeMount(InitTarget, "bind", spec.Init, ["bind", "ro", "nosuid", "nodev"]));
        }

        if (spec.Sandbox.ReadOnlyRoot)
        {
            mounts.Add(new RuntimeMount("/tmp", "tmpfs", "tmpfs", ["nosuid", "nodev", "mode=1777", "size=256m"]));
        }

        mounts.AddRange(spec.Sandbox.Mounts.Select(mount => Bind(
            mount.Lowers is { Count: > 0 } ? Path.Combine(mount.Source, "merged") : mount.Source,
            mount.Target,
            mount.ReadOnly)));
        return mounts;
    }

    private static RuntimeMount Bind(string source, string target, bool readOnly) =>
        new(target, "bind", source, ["rbind", readOnly ? "ro" : "rw", "nosuid", "nodev", "rprivate"]);

    private static List<RuntimeNamespace> Namespaces(BundleSpec spec)
    {
        List<RuntimeNamespace> namespaces = [new("pid"), new("ipc"), new("uts"), new("mount"), new("network")];
        if (spec.IdBase is not null)
        {
            namespaces.Add(new RuntimeNamespace("user"));
        }

        return namespaces;
    }

    private static RuntimeIdMapping[]? IdMap(BundleSpec spec) =>
        spec.IdBase is { } first ? [new RuntimeIdMapping(0, first, IdCount)] : null;

    /// <summary>In cgroup v1 terms; on v2 both runtimes convert them (weight = 1 + (shares - 2) * 9999 / 262142,
    /// swap.max = swap - limit; crun.1, "CGROUP v2").</summary>
    private static RuntimeResources Resources(BundleSpec spec)
    {
        const long Period = 100_000;
        var limits = spec.Sandbox.Limits;
        return new RuntimeResources(
            new RuntimeMemory(limits.MemoryBytes, spec.LimitSwap ? limits.MemoryBytes : null),
            limits.Cpus is { } cpus
                ? new RuntimeCpu(limits.CpuShares, Math.Max(1000, (long)(cpus * Period)), Period)
                : new RuntimeCpu(limits.CpuShares, null, null),
            new RuntimePids(limits.Pids),
            [
                new RuntimeDevice(false, "rwm", null, null, null),
                .. Devices.Select(device => new RuntimeDevice(true, "rwm", "c", device.Major, device.Minor)),
            ]);
    }
}
