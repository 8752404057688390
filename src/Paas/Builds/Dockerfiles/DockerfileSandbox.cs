using System.Globalization;
using System.Net;
using Paas.Engine.Native;
using Paas.Engine.Native.Disk;
using Paas.Oci;

namespace Paas.Builds.Dockerfiles;

/// <summary>Where one Dockerfile is built: a disk of its own, and one sandbox for each command of buildah, whose root is root of the sandbox's user
/// namespace alone (docs/decisions/dockerfiles.md). Disposing leaves nothing behind but the app's cache.</summary>
internal sealed class DockerfileSandbox : IAsyncDisposable
{
    public const string Inside = "/build", Workspace = "/workspace";

    /// <summary>As buildah sees them.</summary>
    public const string PolicyFile = $"{Settings}/policy.json", CaBundleFile = $"{Settings}/ca-certificates.crt";

    private const string Settings = "/settings";

    /// <summary>What lasts from build to build; all else on the disk goes.</summary>
    private const string Store = "store";

    private readonly Sandbox _sandbox;
    private readonly DockerfileSandboxSpec _spec;
    private readonly LoopFile _disk;
    private readonly string _secrets;
    private int _commands;
    private bool _isKept;

    private DockerfileSandbox(Sandbox sandbox, DockerfileSandboxSpec spec, LoopFile disk, long bytes, bool isWarm)
    {
        (_sandbox, _spec, _disk, IsWarm) = (sandbox, spec, disk, isWarm);
        _secrets = Path.Combine(spec.SecretsRoot, spec.Id);
        Observed = new BuildObservations(spec.Options) { DiskBytes = bytes };
    }

    public BuildObservations Observed { get; }

    /// <summary>The disk has what the app's last build left.</summary>
    public bool IsWarm { get; }

    /// <summary>Of the disk, on the host: what is <see cref="Inside"/> inside.</summary>
    public string Root => Path.Combine(_disk.MountPoint, "build");

    private int Owner => _sandbox.Ids.Host(0);

    /// <exception cref="BuildFailureException">dockerfile_unsupported, build_disk, source_invalid.</exception>
    public static async Task<DockerfileSandbox> CreateAsync(Sandbox sandbox, DockerfileSandboxSpec spec, DockerfileCache cache, CancellationToken cancellationToken)
    {
        await sandbox.StartAsync(cancellationToken);
        if (!sandbox.Ids.Separate)
        {
            throw DockerfileFaults.NoNamespaces();
        }

        sandbox.Admit(spec.DiskRoot);
        sandbox.Admit(spec.SecretsRoot);
        var (disk, bytes, isWarm) = await cache.TakeAsync(spec.AppId, spec.Id, cancellationToken);
        var place = new DockerfileSandbox(sandbox, spec, disk, bytes, isWarm);
        try
        {
            await Task.Run(() => place.Fill(cancellationToken), cancellationToken);
            return place;
        }
        catch
        {
            await place.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs buildah to its end.</summary>
    /// <param name="command">Its verb: "build", "pull".</param>
    /// <param name="output">Takes each line of its standard output.</param>
    /// <param name="error">Takes each line of its standard error.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(string command, IReadOnlyList<string> args, Action<string> output, Action<string> error, CancellationToken cancellationToken)
    {
        await using var outputs = new LineStream(line => Take(line, output));
        await using var errors = new LineStream(line => Take(line, error));
        var number = Interlocked.Increment(ref _commands).ToString(CultureInfo.InvariantCulture);
        var exit = await _sandbox.RunAsync(
            new SandboxSpec
            {
                Id = $"build.{_spec.Id}.{number}",
                Image = _spec.Image,
                UpperRoot = Path.Combine(_disk.MountPoint, "roots"),
                Args =
                [
                    "buildah", "--root", $"{Inside}/{Store}", "--runroot", $"{Inside}/run", "--storage-driver", "overlay", "--registries-conf", $"{Settings}/registries.conf",
                    command, .. args,
                ],
                Env = Env(),
                WorkingDirectory = Workspace,
                Uid = 0,
                Gid = 0,
                MakesImages = true,
                Mounts = Mounts(),
                Reach = _spec.Reach,
                Limits = _spec.Options.Limits,
            },
            new Engine.RunStreams(null, outputs, errors),
            cancellationToken);
        outputs.Complete();
        errors.Complete();
        Observed.OutOfMemory |= exit.Cause?.StartsWith("out of memory", StringComparison.Ordinal) == true;
        Observed.OutOfDisk |= exit.Code != 0 && _disk.IsFull;
        return exit.Code;

        void Take(string line, Action<string> taker)
        {
            BuildFailures.Read(line, Observed);
            taker(line);
        }
    }

    /// <summary>Arguments for --secret: the file that each id stands for.</summary>
    public IEnumerable<string> SecretArguments => _spec.Secrets.Keys.Select(id => $"id={id},src={Settings}/secrets/{id}");

    /// <summary>Keeps the layers of this build's steps for the app's next one, unless they have grown too many.</summary>
    /// <param name="line">Told why they are not kept.</param>
    public void Keep(long most, Action<string> line)
    {
        foreach (var other in Directory.GetDirectories(Root).Where(directory => Path.GetFileName(directory) != Store))
        {
            Directory.Delete(other, recursive: true);
        }

        var drive = new DriveInfo(_disk.MountPoint);
        if (drive.TotalSize - drive.TotalFreeSpace is var used && used > most)
        {
            line($"The layers of {used >> 20} MB are not kept for the next build: more than {most >> 20} MB are not. It starts cold.");
            return;
        }

        _isKept = _spec.Cache.TryKeep(_spec.AppId, _disk);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isKept)
        {
            Directory.Delete(_disk.MountPoint);
        }
        else
        {
            await _disk.DisposeAsync();
        }

        if (Directory.Exists(_secrets))
        {
            Directory.Delete(_secrets, recursive: true);
        }
    }

    private void Fill(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(_disk.MountPoint, "roots"));
        foreach (var name in (ReadOnlySpan<string>)["", Store, "run", "tmp", "out", "bases"])
        {
            MakeOwned(Path.Combine(Root, name));
        }

        SourceCopy.Run(_spec.Source, Path.Combine(Root, "workspace"), Owner, Owner, cancellationToken);
        WriteSettings();
        if (_spec.Host.CaBundle is { } bundle)
        {
            // A copy: the host's may lie where the sandbox's root cannot walk to.
            File.Copy(bundle, Path.Combine(_secrets, "ca-certificates.crt"));
            File.SetUnixFileMode(Path.Combine(_secrets, "ca-certificates.crt"), UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }

    /// <summary>On tmpfs: secrets are among them.</summary>
    private void WriteSettings()
    {
        const UnixFileMode passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(_secrets, passable);
        // No registry is asked for anything: all images are there before (--pull=never), and what they are called was found out by control.
        Write("registries.conf", "unqualified-search-registries = [\"docker.io\"]\nshort-name-mode = \"disabled\"\n");
        Write("policy.json", "{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}\n");
        // buildah looks for a network program when it starts, though with the sandbox's own network it never runs one.
        Write("containers.conf", $"[engine]\nhelper_binaries_dir = [\"{Settings}\"]\n");
        Write("netavark", "");
        File.SetUnixFileMode(Path.Combine(_secrets, "netavark"), passable | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        MakeOwned(Path.Combine(_secrets, "secrets"));
        foreach (var (id, value) in _spec.Secrets)
        {
            Write($"secrets/{id}", value);
        }
    }

    private void Write(string name, string text)
    {
        var file = Path.Combine(_secrets, name);
        using (var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }

        SourceCopy.Own(file, Owner, Owner);
    }

    private void MakeOwned(string directory)
    {
        Directory.CreateDirectory(directory);
        SourceCopy.Own(directory, Owner, Owner);
    }

    /// <summary>buildah passes the proxies on to RUN steps, and writes them into no image.</summary>
    private Dictionary<string, string> Env()
    {
        var env = new Dictionary<string, string>(_spec.Host.Proxies, StringComparer.Ordinal)
        {
            ["HOME"] = $"{Inside}/run",
            ["TMPDIR"] = $"{Inside}/tmp",
            ["CONTAINERS_CONF"] = $"{Settings}/containers.conf",
            ["LANG"] = "C.UTF-8",
        };
        return env;
    }

    private IReadOnlyList<SandboxMount> Mounts() =>
    [
        new(Root, Inside, ReadOnly: false),
        new(Path.Combine(Root, "workspace"), Workspace, ReadOnly: true),
        new(_secrets, Settings, ReadOnly: true),
    ];
}

/// <summary>What the build of one Dockerfile is made of.</summary>
internal sealed record DockerfileSandboxSpec
{
    /// <summary>Unique on this home: "hello.7".</summary>
    public required string Id { get; init; }

    public required long AppId { get; init; }

    /// <summary>The build image: it has buildah.</summary>
    public required Digest Image { get; init; }

    /// <summary>On the host.</summary>
    public required string Source { get; init; }

    /// <summary>Values by id, for RUN --mount=type=secret.</summary>
    public required IReadOnlyDictionary<string, string> Secrets { get; init; }

    public required HostSettings Host { get; init; }

    public required IReadOnlyList<IPEndPoint> Reach { get; init; }

    public required BuildsOptions Options { get; init; }

    public required DockerfileCache Cache { get; init; }

    public required string DiskRoot { get; init; }

    /// <summary>On tmpfs (trust rule 3).</summary>
    public required string SecretsRoot { get; init; }
}
