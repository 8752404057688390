using Paas.Apps;
using Paas.Builds.Dockerfiles;
using Paas.Engine;
using Paas.Engine.Native;
using Paas.Oci;
using Paas.State;
using Paas.Testing;

namespace Paas.Builds;

/// <summary>A home of its own with builder, engine and one buildpack, "test/shell", whose bin/build each test writes. Base images come
/// from the machine's cache; a test is skipped where nobody made them.</summary>
internal sealed class BuildLab : IAsyncDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("paas-builds");
    private readonly ServiceProvider _services;
    private int _number;

    private BuildLab(Func<BuildsOptions, BuildsOptions> limits, Func<HostSettings>? host, bool userNamespaces)
    {
        Home = new PlatformHome(Path.Combine(_root.FullName, "home"));
        var cache = new StackCache(Environment.GetEnvironmentVariable("PAAS_CACHE") is { Length: > 0 } set ? set : PlatformHome.DefaultCache);
        Buildpacks = Path.Combine(_root.FullName, "buildpacks");
        var options = limits(new BuildsOptions { Buildpacks = Buildpacks, UnchangedFor = TimeSpan.Zero });
        CopyRecipes();
        Assert.SkipWhen(Environment.UserName != "root", "Builds need root.");
        Assert.SkipWhen(cache.Find(StackRecipes.Read(Buildpacks)) is null, "The base images are missing: run 'paasd stack'.");
        Directory.CreateDirectory(Path.Combine(Home.Root));
        File.SetUnixFileMode(_root.FullName, (UnixFileMode)0b111_001_001);
        var database = new Database(Home.DatabaseFile);
        database.Migrate();
        using (var transaction = database.Begin())
        {
            transaction.Execute("INSERT INTO teams(id, name, created_at) VALUES (1, 'team', '')");
            transaction.Execute("INSERT INTO apps(id, team_id, name, created_at) VALUES (1, 1, 'hello', ''), (2, 1, 'other', '')");
            transaction.Commit();
        }

        var blobs = new BlobStore(Home.Blobs, cache.Blobs);
        var snapshots = new Snapshots(Home.Snapshots, cache.Snapshots);
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(Home)
            .AddSingleton(database)
            .AddSingleton(cache)
            .AddSingleton(blobs)
            .AddSingleton(snapshots)
            .AddSingleton<Images>()
            .AddSingleton<Registry.SnapshotSizes>()
            .AddNativeEngine(new NativeOptions
            {
                StateDirectory = Path.Combine(Home.Run, "engine"),
                DataDirectory = Home.Engine,
                Tag = Home.Tag,
                UppersBytes = 256L << 20,
                Programs = userNamespaces ? NativePrograms.Folder : NativePrograms.WithoutUserNamespaces(_root.FullName),
            })
            .AddBuilds()
            .AddSingleton<FetchBaseImage>(provider => async (_, reference, _, token) => reference.StartsWith("missing", StringComparison.Ordinal)
                ? throw new BaseImageException("There is no such image.")
                : new BaseImage($"docker.io/library/{reference}", await AsRootAsync(provider, token)))
            .AddSingleton(options)
            .AddSingleton(new PackageHosts(host ?? HostSettings.Read))
            .BuildServiceProvider();
    }

    public PlatformHome Home { get; }

    public string Buildpacks { get; }

    public List<string> Lines { get; } = [];

    public string Commit { get; set; } = new('a', 40);

    /// <summary>1, "hello", or 2, "other".</summary>
    public long AppId { get; set; } = 1;

    /// <summary>Content of app.sh.</summary>
    public string AppText { get; set; } = "echo hello\n";

    /// <summary>End of the buildpack.toml.</summary>
    public string Metadata { get; set; } = "";

    /// <summary>The newest build, as it is written down.</summary>
    public BuildRecord Last => Builds.List(AppId, 1).Single();

    public List<string> Phases { get; } = [];

    public IEngine Engine => _services.GetRequiredService<IEngine>();

    public BuildStore Builds => _services.GetRequiredService<BuildStore>();

    public BuildCache Cache => _services.GetRequiredService<BuildCache>();

    public Images Images => _services.GetRequiredService<Images>();

    public BlobStore Blobs => _services.GetRequiredService<BlobStore>();

    /// <summary>Where the machine keeps what builds fetched.</summary>
    public string Archives => _services.GetRequiredService<StackCache>().Archives;

    public Snapshots Snapshots => _services.GetRequiredService<Snapshots>();

    public static async Task<BuildLab> StartAsync(CancellationToken cancellationToken) => await StartAsync(options => options, cancellationToken);

    /// <param name="limits">Changes the limits of the lab's builds.</param>
    /// <param name="host">The host's own client configuration; null: as it is.</param>
    /// <param name="userNamespaces">False: as on a kernel that cannot map mounts.</param>
    public static async Task<BuildLab> StartAsync(Func<BuildsOptions, BuildsOptions> limits, CancellationToken cancellationToken, Func<HostSettings>? host = null, bool userNamespaces = true)
    {
        var lab = new BuildLab(limits, host, userNamespaces);
        await lab._services.GetRequiredService<NativeEngine>().StartAsync(cancellationToken);
        return lab;
    }

    /// <summary>Builds a source of one file, app.sh, with the given bin/build.</summary>
    public async Task<BuildResult> BuildAsync(string script, TimeSpan? timeout, CancellationToken cancellationToken, params ConfigVar[] config)
    {
        Write("test/buildpack.toml", "api = \"0.11\"\n[buildpack]\nid = \"test/shell\"\nversion = \"1\"\ndescription = \"a file app.sh\"\n" + Metadata);
        Write("test/bin/detect", "#!/bin/bash\n[ -f app.sh ] || exit 100\n");
        Write("test/bin/build", "#!/bin/bash\nset -e\n" + script);
        Write("order.toml", "[[order]]\n[[order.group]]\nid = \"test/shell\"\n");
        var source = Directory.CreateDirectory(Path.Combine(_root.FullName, "source"));
        await File.WriteAllTextAsync(Path.Combine(source.FullName, "app.sh"), AppText, cancellationToken);
        var app = new App { Id = AppId, TeamId = 1, Name = AppId == 1 ? "hello" : "other", CreatedAt = DateTimeOffset.UnixEpoch, BuildTimeout = timeout ?? TimeSpan.FromMinutes(10) };
        return await _services.GetRequiredService<Builder>().BuildAsync(
            app, ++_number, new Source(source.FullName, Commit, "main", "test"), config, new Log(this), cancellationToken);
    }

    /// <summary>Builds with one of the platform's own buildpacks alone.</summary>
    /// <param name="buildpack">A folder of buildpacks/.</param>
    /// <param name="fill">Writes the app into its folder.</param>
    public async Task<BuildResult> BuildWithAsync(string buildpack, Action<string> fill, CancellationToken cancellationToken, params ConfigVar[] config)
    {
        CopyFolder(Path.Combine(AppContext.BaseDirectory, "buildpacks", buildpack), Path.Combine(Buildpacks, buildpack));
        CopyFolder(Path.Combine(AppContext.BaseDirectory, "buildpacks", "lib"), Path.Combine(Buildpacks, buildpack, "lib"));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "native", "bp"), Path.Combine(Buildpacks, buildpack, "bin", "bp"), overwrite: true);
        Write("order.toml", $"[[order]]\n[[order.group]]\nid = \"paas/{buildpack}\"\n");
        var source = Directory.CreateDirectory(Path.Combine(_root.FullName, $"source-{buildpack}"));
        fill(source.FullName);
        var app = new App { Id = AppId, TeamId = 1, Name = AppId == 1 ? "hello" : "other", CreatedAt = DateTimeOffset.UnixEpoch, BuildTimeout = TimeSpan.FromMinutes(40) };
        return await _services.GetRequiredService<Builder>().BuildAsync(app, ++_number, new Source(source.FullName, Commit, "main", "test"), config, new Log(this), cancellationToken);
    }

    /// <summary>What a command in the image prints, with the environment that the app has there.</summary>
    public async Task<string> RunInAsync(BuildResult.Built built, string command, CancellationToken cancellationToken)
    {
        using var said = new MemoryStream();
        var run = new RunSpec
        {
            Id = $"run.{++_number}",
            App = "a1",
            Image = built.Image,
            Entrypoint = ["/cnb/lifecycle/launcher"],
            Args = ["bash", "-c", command],
            Env = new Dictionary<string, string>(),
        };
        await Engine.RunAsync(run, new RunStreams(null, said, said), cancellationToken);
        return System.Text.Encoding.UTF8.GetString(said.ToArray());
    }

    /// <summary>Builds by a Dockerfile. Each image that it names is the run image, but for those called "missing".</summary>
    /// <param name="fill">Writes what else the source has into its folder.</param>
    public async Task<BuildResult> BuildDockerfileAsync(string dockerfile, CancellationToken cancellationToken, Action<string>? fill = null, TimeSpan? timeout = null, params ConfigVar[] config)
    {
        Write("order.toml", "");
        var source = Directory.CreateDirectory(Path.Combine(_root.FullName, "source"));
        await File.WriteAllTextAsync(Path.Combine(source.FullName, "Dockerfile"), dockerfile, cancellationToken);
        fill?.Invoke(source.FullName);
        var app = new App { Id = 1, TeamId = 1, Name = "hello", CreatedAt = DateTimeOffset.UnixEpoch, BuildTimeout = timeout ?? TimeSpan.FromMinutes(10) };
        return await _services.GetRequiredService<Builder>().BuildAsync(app, ++_number, new Source(source.FullName, Commit, "main", "test"), config, new Log(this), cancellationToken);
    }

    public DockerfileCache DockerfileCache => _services.GetRequiredService<DockerfileCache>();

    public bool Says(string line)
    {
        lock (Lines)
        {
            return Lines.Contains(line);
        }
    }

    /// <summary>Nothing of a build is mounted, and no file of one is left.</summary>
    public void AssertNothingLeft()
    {
        Assert.DoesNotContain(File.ReadLines("/proc/self/mountinfo"), line => line.Contains(Home.Builds, StringComparison.Ordinal));
        Assert.Empty(Directory.Exists(Home.Builds) ? Directory.GetFileSystemEntries(Home.Builds) : []);
        Assert.Empty(Directory.Exists(Path.Combine(Home.Run, "builds")) ? Directory.GetFileSystemEntries(Path.Combine(Home.Run, "builds")) : []);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.GetRequiredService<NativeEngine>().ShutDownAsync(CancellationToken.None);
        await _services.DisposeAsync();
        _root.Delete(recursive: true);
    }

    /// <summary>Gives the buildpack files of buildpacks/lib.</summary>
    public void AddLibrary(params string[] names)
    {
        foreach (var name in names)
        {
            Write($"test/lib/{name}", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "buildpacks", "lib", name)));
        }
    }

    private void Write(string name, string text)
    {
        var file = Path.Combine(Buildpacks, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }

    private void CopyRecipes()
    {
        foreach (var name in (string[])["run.json", "build.json"])
        {
            Write($"base/{name}", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "buildpacks", "base", name)));
        }
    }

    /// <summary>The run image as images of Docker Hub are: nobody in particular, so root.</summary>
    private static async Task<Image> AsRootAsync(IServiceProvider provider, CancellationToken cancellationToken)
    {
        var run = (await provider.GetRequiredService<Stacks>().ReadAsync(cancellationToken)).Run;
        return await provider.GetRequiredService<Images>().PutAsync(run.Config with { Config = run.Config.Config! with { User = null } }, run.Manifest.Layers, null, cancellationToken);
    }

    private sealed class Log(BuildLab lab) : IBuildLog
    {
        public void Phase(string name) => lab.Phases.Add(name);

        public void Line(string text)
        {
            lock (lab.Lines)
            {
                lab.Lines.Add(text);
            }
        }
    }
}
