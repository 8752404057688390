using System.Diagnostics;
using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>A place to run the lifecycle in without a sandbox: temp directories, buildpacks made of small bash scripts that run on
/// this machine, and paths "as seen inside" turned into those directories.</summary>
internal sealed class LifecycleBench : IDisposable
{
    private readonly List<Buildpack> _buildpacks = [];

    public LifecycleBench()
    {
        Root = Directory.CreateTempSubdirectory("paas-lifecycle-").FullName;
        Dirs = new LifecycleDirs
        {
            Workspace = Make("w"),
            Layers = Make("l"),
            Platform = Make("p"),
            Scratch = Path.Combine(Root, "s"),
        };
    }

    public string Root { get; }

    public LifecycleDirs Dirs { get; set; }

    public IReadOnlyList<Buildpack> Buildpacks => _buildpacks;

    /// <summary>What the lifecycle said, and the buildpacks through it.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>How many commands ran.</summary>
    public int Commands { get; private set; }

    public PreviousBuild? Previous { get; set; }

    public Image RunImage { get; set; } = Image("debian", "PATH=/usr/bin:/bin");

    public Analysis Analysis => Lifecycle.Analyze(Image("debian", "PATH=/usr/bin:/bin", "CNB_USER_ID=1001", "CNB_GROUP_ID=1000", "CNB_STACK_ID=test", "SECRET=1"), RunImage, Previous);

    /// <summary>A buildpack of two bash scripts, bodies only.</summary>
    public Buildpack Add(string id, string detect, string build = "", string api = "0.10", string more = "", string version = "1", bool together = false)
    {
        var directory = Make($"b/{id.Replace('/', '_')}/{version}");
        File.WriteAllText(Path.Combine(directory, "buildpack.toml"), $"api = \"{api}\"\n[buildpack]\nid = \"{id}\"\nversion = \"{version}\"\n{more}\n");
        Script(Path.Combine(directory, "bin/detect"), detect);
        Script(Path.Combine(directory, "bin/build"), build);
        var buildpack = Buildpack.Read(directory, $"/cnb/buildpacks/{id.Replace('/', '_')}/{version}") with { IsAskedTogether = together };
        _buildpacks.Add(buildpack);
        return buildpack;
    }

    /// <summary>One group: ids parted by spaces, "?" behind an optional one; several groups parted by "|".</summary>
    public Task<DetectResult> DetectAsync(string order) =>
        Lifecycle.DetectAsync(Dirs, _buildpacks, Order(order), Analysis, RunAsync, Lines.Add, TestContext.Current.CancellationToken);

    public async Task<BuildOutcome> BuildAsync(string order)
    {
        var detected = await DetectAsync(order);
        return await Lifecycle.BuildAsync(
            Dirs, detected, Restore.Decide(detected.Group, Previous, _ => true), Analysis, RunAsync, Lines.Add, TestContext.Current.CancellationToken);
    }

    public static Order Order(string text) =>
        new([.. text.Split('|').Select(group => new OrderGroup(
            [.. group.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(entry => new OrderEntry(entry.TrimEnd('?'), Optional: entry.EndsWith('?')))]))]);

    public string Workspace(string name, string contents) => Write(Path.Combine(Dirs.Workspace, name), contents);

    public static string Write(string path, string contents)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, contents);
        return path;
    }

    public async Task<int> RunAsync(SandboxCommand command, CancellationToken cancellationToken)
    {
        Commands++;
        var start = new ProcessStartInfo(OnHost(command.Args[0]), command.Args.Skip(1).Select(OnHost))
        {
            WorkingDirectory = OnHost(command.WorkingDirectory),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in command.Env)
        {
            start.Environment[name] = OnHost(value);
        }

        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;

        void Take(string? line)
        {
            if (line is not null)
            {
                command.Line(line);
            }
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static Image Image(string distribution, params string[] env) => new(
        Digest.Of("run image"u8),
        new Manifest { Config = new Descriptor { MediaType = MediaTypes.Config, Digest = Digest.Of("config"u8), Size = 1 }, Layers = [] },
        new ImageConfig
        {
            Architecture = "amd64",
            Os = "linux",
            RootFs = new RootFs { DiffIds = [] },
            Config = new RunConfig
            {
                Env = env,
                User = "1002:1000",
                Labels = new Dictionary<string, string>
                {
                    ["io.buildpacks.base.distro.name"] = distribution,
                    ["io.buildpacks.base.distro.version"] = "13",
                },
            },
        });

    private string OnHost(string text) => text
        .Replace(LifecycleDirs.ScratchInside, Dirs.Scratch, StringComparison.Ordinal)
        .Replace("/cnb/buildpacks", Path.Combine(Root, "b"), StringComparison.Ordinal)
        .Replace(LifecycleDirs.LayersInside, Dirs.Layers, StringComparison.Ordinal)
        .Replace(LifecycleDirs.PlatformInside, Dirs.Platform, StringComparison.Ordinal)
        .Replace(LifecycleDirs.WorkspaceInside, Dirs.Workspace, StringComparison.Ordinal);

    private string Make(string name) => Directory.CreateDirectory(Path.Combine(Root, name)).FullName;

    private static void Script(string path, string body)
    {
        Write(path, $"#!/usr/bin/env bash\nset -eu\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }
}
