using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Console;
using Paas.Engine.Native;
using Paas.Engine.Native.Interop;
using Paas.Engine.Native.Runtimes;
using Paas.Oci;
using Paas.Testing;

namespace Paas.Engine;

/// <summary>A home of its own with a content store and one image whose only file is the probe program. Disposing leaves nothing in the kernel.</summary>
internal sealed class EngineLab : IAsyncDisposable
{
    private readonly List<ServiceProvider> _controls = [];
    private readonly string? _runtime;
    private readonly string _programs;

    private EngineLab(string home, string? runtime, bool userNamespaces)
    {
        _runtime = runtime;
        _programs = userNamespaces ? NativePrograms.Folder : NativePrograms.WithoutUserNamespaces(home);
        Home = home;
        Blobs = new BlobStore(Path.Combine(home, "blobs"));
        Snapshots = new Snapshots(Path.Combine(home, "snapshots"));
        Images = new Images(Blobs, Snapshots);
        Layers = new Layers(Blobs, Snapshots);
    }

    public string Home { get; }

    private string Tag => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Home)))[..4];

    public BlobStore Blobs { get; }

    public Snapshots Snapshots { get; }

    public Images Images { get; }

    public Layers Layers { get; }

    /// <summary>The probe as user 1000, serving HTTP on PORT by default.</summary>
    public Image Probe { get; private set; } = null!;

    /// <summary>What the newest control is made of.</summary>
    public NativeEngine Engine => _controls[^1].GetRequiredService<NativeEngine>();

    public Sandboxes Sandboxes => _controls[^1].GetRequiredService<Sandboxes>();

    public Sandbox Sandbox => _controls[^1].GetRequiredService<Sandbox>();

    /// <param name="runtime">crun or runc; null: the engine's own choice.</param>
    /// <param name="userNamespaces">False: as on a kernel that cannot map mounts.</param>
    public static async Task<EngineLab> StartAsync(CancellationToken cancellationToken, string? runtime = null, bool userNamespaces = true)
    {
        var lab = new EngineLab(Directory.CreateTempSubdirectory("paas-engine").FullName, runtime, userNamespaces);
        try
        {
            lab.Probe = await lab.ImageAsync([await lab.ProbeLayerAsync(cancellationToken)], cancellationToken);
            await lab.NewControlAsync(cancellationToken);
            return lab;
        }
        catch
        {
            Directory.Delete(lab.Home, recursive: true);
            throw;
        }
    }

    public async Task<Layer> ProbeLayerAsync(CancellationToken cancellationToken)
    {
        var program = Path.Combine(Home, "probe");
        var (code, output) = await Runtime.CaptureAsync(
            ["/usr/bin/musl-gcc", "-static", "-Os", "-s", "-o", program, Path.Combine(AppContext.BaseDirectory, "probe.c")], cancellationToken);
        Assert.True(code == 0, output);
        return await Layers.CreateAsync(
            [
                new LayerSource(program, "probe", 0, 0, Mode: 0x1ed),
                new LayerSource(null, "app", 1000, 1000, Directory: true, Mode: 0x1fd),
                new LayerSource(null, "tmp", 0, 0, Directory: true, Mode: 0x3ff),
                new LayerSource(null, "etc", 0, 0, Directory: true, Mode: 0x1ed),
            ],
            cancellationToken);
    }

    public Task<Image> ImageAsync(IReadOnlyList<Layer> layers, CancellationToken cancellationToken) => Images.PutAsync(
        new ImageConfig
        {
            Architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
            Os = "linux",
            Config = new RunConfig { User = "1000:1000", Env = ["FROM_IMAGE=yes"], Entrypoint = ["/probe"], Cmd = ["serve"], WorkingDir = "/app" },
            RootFs = new RootFs { DiffIds = [.. layers.Select(layer => layer.DiffId)] },
        },
        [.. layers.Select(layer => layer.Blob)],
        annotations: null,
        cancellationToken);

    /// <summary>Another control over the same home, as after a restart. The one before must have let go.</summary>
    public async Task NewControlAsync(CancellationToken cancellationToken)
    {
        _controls.Add(Control());
        await Engine.StartAsync(cancellationToken);
    }

    /// <summary>Tries to run another control beside the living one.</summary>
    public async Task SecondControlAsync(CancellationToken cancellationToken)
    {
        await using var control = Control();
        await control.GetRequiredService<NativeEngine>().StartAsync(cancellationToken);
    }

    private ServiceProvider Control() => new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddConsole().AddFilter<ConsoleLoggerProvider>(null, LogLevel.Warning))
            .AddSingleton(TimeProvider.System)
            .AddSingleton(Blobs)
            .AddSingleton(Snapshots)
            .AddSingleton(Images)
            .AddNativeEngine(new NativeOptions
            {
                StateDirectory = Path.Combine(Home, "run", "engine"),
                DataDirectory = Path.Combine(Home, "engine"),
                Tag = Tag,
                Runtime = _runtime,
                Programs = _programs,
                UppersBytes = 256L * 1024 * 1024,
                FirstBackoff = TimeSpan.FromMilliseconds(100),
                DiskCheck = TimeSpan.FromMilliseconds(500),
                Handover = TimeSpan.FromMilliseconds(300),
            })
            .BuildServiceProvider();

    /// <summary>Control ends; its instances go on.</summary>
    public ValueTask EndControlAsync() => _controls[^1].DisposeAsync();

    public SandboxSpec Spec(string id, params string[] args) => new()
    {
        Id = id,
        Image = Probe.Digest,
        Args = ["/probe", .. args],
        Env = new Dictionary<string, string>(),
        WorkingDirectory = "/app",
        Uid = 1000,
        Gid = 1000,
    };

    /// <summary>Runs it and gives what it printed, stdout and stderr together.</summary>
    public async Task<(ExitInfo Exit, string Output)> RunAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        var exit = await Sandbox.RunAsync(spec, new RunStreams(null, output, output), cancellationToken);
        return (exit, Encoding.UTF8.GetString(output.ToArray()));
    }

    /// <summary>Starts an instance, and a program beside it that ends with a code.</summary>
    public async Task AssertAnInstanceRunsAsync(CancellationToken cancellationToken)
    {
        await using var observer = new Observer(Engine);
        await Engine.ApplyAsync(Process("hello", 1), cancellationToken);
        var running = await observer.UntilAsync(state => state.Phase == InstancePhase.Running, cancellationToken);
        Assert.NotNull(running.Endpoint);
        Assert.Equal(9, (await Engine.ExecAsync(running.Id, ["/probe", "exit", "9"], new RunStreams(null, null, null), cancellationToken))!.Code);
    }

    public ProcessSpec Process(string app, int count, params string[] args) => new()
    {
        Key = new ProcessKey(app, 1, 0, "web"),
        Count = count,
        Image = Probe.Digest,
        Args = args,
        Port = 8080,
        StopGrace = TimeSpan.FromSeconds(2),
    };

    public IReadOnlyList<string> MountsLeft() =>
        [.. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(Home, StringComparison.Ordinal) && !line.Contains("/engine/uppers ", StringComparison.Ordinal)
            && !line.Contains("/run/engine/l/", StringComparison.Ordinal))];

    public IReadOnlyList<string> GroupsLeft() =>
        [.. Directory.EnumerateDirectories("/sys/fs/cgroup", $"paas-{Tag}", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1, AttributesToSkip = FileAttributes.ReparsePoint })];

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Engine.ShutDownAsync(CancellationToken.None);
        }
        finally
        {
            await EndControlAsync();
            var lines = await File.ReadAllLinesAsync("/proc/self/mountinfo", CancellationToken.None);
            foreach (var mount in lines.Select(line => line.Split(' ')[4]).Where(path => path.StartsWith(Home, StringComparison.Ordinal)).Reverse())
            {
                Libc.Unmount(mount, Libc.MNT_DETACH);
            }

            Directory.Delete(Home, recursive: true);
        }
    }
}
