using System.Globalization;
using System.Net;
using Paas.Buildpacks;
using Paas.Engine.Native;
using Paas.Engine.Native.Disk;
using Paas.Oci;

namespace Paas.Builds;

/// <summary>Where one build runs: a disk of its own, the directories that buildpacks know, and one sandbox for each of their commands
/// (trust rule 7). Disposing leaves nothing behind.</summary>
internal sealed class BuildSandbox : IAsyncDisposable
{
    /// <summary>Where builds see buildpacks: &lt;id&gt;/&lt;version&gt; each (CNB platform spec 0.15, "Buildpacks Directory Layout").</summary>
    public const string BuildpacksInside = "/cnb/buildpacks";

    /// <summary>The platform's own are one folder, mounted whole: no buildpack that a team adds may have this id.</summary>
    public const string OwnBuildpacksInside = $"{BuildpacksInside}/paas";

    private readonly Sandbox _sandbox;
    private readonly BuildSandboxSpec _spec;
    private readonly LoopFile _disk;
    private readonly string _secrets;
    private SandboxMount? _layers;
    private IReadOnlyList<SandboxMount> _shared = [];
    private IReadOnlyList<IPEndPoint> _reach = [];
    private int _commands;

    private BuildSandbox(Sandbox sandbox, BuildSandboxSpec spec, LoopFile disk, long bytes, string secrets)
    {
        (_sandbox, _spec, _disk, _secrets) = (sandbox, spec, disk, secrets);
        Observed = new BuildObservations(spec.Options) { DiskBytes = bytes };
        Dirs = new LifecycleDirs
        {
            Workspace = Path.Combine(disk.MountPoint, "workspace"),
            Layers = Path.Combine(disk.MountPoint, "layers"),
            Scratch = Path.Combine(disk.MountPoint, "scratch"),
            Platform = Path.Combine(secrets, "platform"),
            BuildConfig = Path.Combine(secrets, "build-config"),
            OwnerOnHost = (Uid, Gid),
        };
    }

    public BuildObservations Observed { get; }

    /// <summary>Changes when restored layers are mounted.</summary>
    public LifecycleDirs Dirs { get; private set; }

    private int Uid => _sandbox.Ids.Host(BaseTar.BuildUid);

    private int Gid => _sandbox.Ids.Host(BaseTar.Gid);

    /// <summary>The buildpack came with the platform.</summary>
    public static bool IsOwn(Buildpack buildpack) => buildpack.Inside.StartsWith(OwnBuildpacksInside + "/", StringComparison.Ordinal);

    /// <summary>Makes the disk and fills it with the source.</summary>
    /// <exception cref="BuildFailureException">The source cannot be built from.</exception>
    public static async Task<BuildSandbox> CreateAsync(Sandbox sandbox, BuildSandboxSpec spec, CancellationToken cancellationToken)
    {
        await sandbox.StartAsync(cancellationToken);
        // Sources and config vars of all apps lie below, in files of the sandboxes' users: without a user namespace those are users of the host.
        sandbox.Admit(spec.DiskRoot);
        sandbox.Admit(spec.SecretsRoot);
        foreach (var root in spec.Added.Select(buildpack => Path.GetDirectoryName(buildpack.Directory)!).Distinct())
        {
            sandbox.Admit(root);
        }

        var bytes = DiskFor(spec.DiskRoot, spec.Options.DiskBytes);
        var disk = await LoopFile.CreateAsync(Path.Combine(spec.DiskRoot, spec.Id + ".img"), Path.Combine(spec.DiskRoot, spec.Id), bytes, cancellationToken);
        var build = new BuildSandbox(sandbox, spec, disk, bytes, Path.Combine(spec.SecretsRoot, spec.Id));
        try
        {
            await Task.Run(() => build.Fill(cancellationToken), cancellationToken);
            return build;
        }
        catch
        {
            await build.DisposeAsync();
            throw;
        }
    }

    /// <summary>Puts restored layers under the layers directory: read-only, whatever the build writes goes to the build's own disk.</summary>
    /// <param name="lowers">Directories that stand for the layers directory.</param>
    public void MountLayers(IReadOnlyList<string> lowers)
    {
        if (lowers.Count > 0)
        {
            _layers = new SandboxMount(Path.Combine(_disk.MountPoint, "restored"), LifecycleDirs.LayersInside, ReadOnly: false, lowers);
            Dirs = Dirs with { Layers = _sandbox.Mount(_layers, BaseTar.BuildUid, BaseTar.Gid) };
        }
    }

    /// <summary>Shows folders of the platform to the commands that follow, read-only, and lets them reach the hosts that the folders name.</summary>
    public void Show(IReadOnlyList<SandboxMount> folders, IReadOnlyList<IPEndPoint> reach) => (_shared, _reach) = ([.. _shared, .. folders], [.. _reach, .. reach]);

    /// <summary>Nothing was written below a restored layer: it is as it was.</summary>
    public bool Untouched(string buildpackDirectory, string layer) =>
        _layers is not null && !Path.Exists(Path.Combine(_layers.Source, "upper", buildpackDirectory, layer));

    /// <summary>The lifecycle's door: one command of a buildpack, to its exit code.</summary>
    public async Task<int> RunAsync(SandboxCommand command, CancellationToken cancellationToken)
    {
        await using var output = new LineStream(Take);
        await using var error = new LineStream(Take);
        var number = Interlocked.Increment(ref _commands).ToString(CultureInfo.InvariantCulture);
        var exit = await _sandbox.RunAsync(
            new SandboxSpec
            {
                Id = $"build.{_spec.Id}.{number}",
                Image = _spec.Image,
                UpperRoot = Path.Combine(_disk.MountPoint, "roots"),
                Args = command.Args,
                Env = command.Env,
                WorkingDirectory = command.WorkingDirectory,
                Uid = BaseTar.BuildUid,
                Gid = BaseTar.Gid,
                Mounts = Mounts(),
                Reach = [.. _spec.Reach, .. _reach],
                Limits = _spec.Options.Limits,
            },
            new Engine.RunStreams(null, output, error),
            cancellationToken);
        Observed.OutOfMemory |= exit.Cause?.StartsWith("out of memory", StringComparison.Ordinal) == true;
        Observed.OutOfDisk |= exit.Code != 0 && _disk.IsFull;
        return exit.Code;

        void Take(string line)
        {
            BuildFailures.Read(line, Observed);
            command.Line(line);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_layers is not null)
        {
            Sandbox.Unmount(_layers);
        }

        await _disk.DisposeAsync();
        if (Directory.Exists(_secrets))
        {
            Directory.Delete(_secrets, recursive: true);
        }
    }

    /// <summary>The sparse file must never take the host's last room, whatever a build writes.</summary>
    internal static long DiskFor(string root, long wanted)
    {
        const long reserve = 512L << 20, least = 256L << 20;
        Directory.CreateDirectory(root);
        var room = new DriveInfo(root).AvailableFreeSpace - reserve;
        return room >= least || room >= wanted
            ? Math.Min(wanted, room)
            : throw new BuildFailureException("build_disk", "The server's disk is nearly full, so nothing can be built: its administrator has to make room first. Your code is not at fault.");
    }

    private void Fill(CancellationToken cancellationToken)
    {
        SourceCopy.Run(_spec.Source, Dirs.Workspace, Uid, Gid, cancellationToken);
        MakeOwned(Dirs.Layers);
        Directory.CreateDirectory(Dirs.Scratch);
        Directory.CreateDirectory(Path.Combine(_disk.MountPoint, "roots"));
        WriteVariables(Dirs.Platform, Variables());
        WriteBindings();
        WriteVariables(Dirs.BuildConfig!, _spec.Host.Variables);
        if (_spec.Host.CaBundle is { } bundle)
        {
            // A copy: the host's may lie where the sandbox's root cannot walk to.
            File.Copy(bundle, CaBundle);
            File.SetUnixFileMode(CaBundle, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }

    private string CaBundle => Path.Combine(_secrets, "ca-certificates.crt");

    /// <summary>env/NAME files as the specification wants them, readable to the build's user alone.</summary>
    private void WriteVariables(string directory, IReadOnlyDictionary<string, string> variables)
    {
        var env = Path.Combine(directory, "env");
        MakePassable(_secrets);
        MakeOwned(directory);
        MakeOwned(env);
        foreach (var (name, value) in variables)
        {
            WriteOwned(Path.Combine(env, name), value);
        }
    }

    /// <summary>servicebinding.io 1.1, "Workload Projection": the root is told to who asks for it.</summary>
    private IReadOnlyDictionary<string, string> Variables() => _spec.Bindings.Count == 0
        ? _spec.Config
        : new Dictionary<string, string>(_spec.Config) { ["SERVICE_BINDING_ROOT"] = $"{LifecycleDirs.PlatformInside}/bindings" };

    /// <summary>bindings/&lt;name&gt;/&lt;file&gt;, on tmpfs and readable to the build's user alone.</summary>
    private void WriteBindings()
    {
        if (_spec.Bindings.Count == 0)
        {
            return;
        }

        MakeOwned(Path.Combine(Dirs.Platform, "bindings"));
        foreach (var binding in _spec.Bindings)
        {
            MakeOwned(Path.Combine(Dirs.Platform, "bindings", binding.Name));
            foreach (var (name, text) in binding.Files)
            {
                WriteOwned(Path.Combine(Dirs.Platform, "bindings", binding.Name, name), text);
            }
        }
    }

    private void WriteOwned(string file, string text)
    {
        using (var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead }))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }

        SourceCopy.Own(file, Uid, Gid);
    }

    private static void MakePassable(string directory)
    {
        Directory.CreateDirectory(directory);
        File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    private void MakeOwned(string directory)
    {
        MakePassable(directory);
        SourceCopy.Own(directory, Uid, Gid);
    }

    private IReadOnlyList<SandboxMount> Mounts() =>
    [
        new(Dirs.Workspace, LifecycleDirs.WorkspaceInside, ReadOnly: false),
        new(Dirs.Layers, LifecycleDirs.LayersInside, ReadOnly: false),
        new(Dirs.Scratch, LifecycleDirs.ScratchInside, ReadOnly: false),
        new(Dirs.Platform, LifecycleDirs.PlatformInside, ReadOnly: true),
        new(_spec.Options.Buildpacks, OwnBuildpacksInside, ReadOnly: true),
        .. _spec.Added.Select(buildpack => new SandboxMount(buildpack.Directory, buildpack.Inside, ReadOnly: true)),
        .. Directory.Exists(_spec.Packages) ? (SandboxMount[])[new(_spec.Packages, PackageCache.Inside, ReadOnly: true)] : [],
        .. _shared,
        .. HostDotnet.Folder is { } dotnet ? (SandboxMount[])[new(dotnet, HostDotnet.Inside, ReadOnly: true)] : [],
        .. _spec.Host.CaBundle is null ? [] : (SandboxMount[])[new(CaBundle, HostSettings.CaBundleInside, ReadOnly: true)],
    ];
}

/// <summary>What one build is made of.</summary>
internal sealed record BuildSandboxSpec
{
    /// <summary>Unique on this home: "hello.7".</summary>
    public required string Id { get; init; }

    /// <summary>The build image.</summary>
    public required Digest Image { get; init; }

    /// <summary>On the host.</summary>
    public required string Source { get; init; }

    /// <summary>Config vars that builds may see.</summary>
    public required IReadOnlyDictionary<string, string> Config { get; init; }

    /// <summary>Buildpacks that the team added, of those that this build may use.</summary>
    public IReadOnlyList<Buildpack> Added { get; init; } = [];

    public IReadOnlyList<Apps.Binding> Bindings { get; init; } = [];

    public required HostSettings Host { get; init; }

    /// <summary>Where the hosts of these settings are now.</summary>
    public required IReadOnlyList<IPEndPoint> Reach { get; init; }

    /// <summary>Folder of <see cref="PackageCache"/>; need not exist.</summary>
    public required string Packages { get; init; }

    public required BuildsOptions Options { get; init; }

    /// <summary>Holds loop files and their mount points, nothing else.</summary>
    public required string DiskRoot { get; init; }

    /// <summary>On tmpfs (trust rule 3).</summary>
    public required string SecretsRoot { get; init; }
}
