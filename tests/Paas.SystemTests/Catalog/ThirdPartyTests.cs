using System.Runtime.CompilerServices;
using System.Text.Json;
using Paas.Client;
using Paas.Registry;
using Paas.Testing;
using TarEntry = System.Formats.Tar.TarEntry;

namespace Paas.Catalog;

/// <summary>Buildpacks that the platform did not bring, added with the real command and built with on the real runtime.</summary>
public sealed class ThirdPartyTests(Platform platform)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Buildpacks_of_every_API_from_every_origin_build_one_app()
    {
        await using var lab = ClientLab.Start(platform);
        await using var host = await GitHost.StartAsync();
        Assert.Equal("test/seven 0.0.7", LastLine(await PaasAsync(lab, "buildpacks", "add", PathOf("0.7"))));

        var package = Path.Combine(lab.Folder, "eight.cnb");
        await File.WriteAllBytesAsync(package, BuildpackFiles.Cnb(LayerOf("0.8", "cnb/buildpacks/test_eight/0.0.8/"), """{"id":"test/eight","version":"0.0.8"}"""), Cancelled);
        Assert.Equal("test/eight 0.0.8", LastLine(await PaasAsync(lab, "buildpacks", "add", package)));

        var commit = host.Make("nine", [.. FilesOf("0.9").Select(file => ($"sub/{file.Name}", file.Text, file.IsExecutable))]);
        Assert.Equal("test/nine 0.0.9", LastLine(await PaasAsync(lab, "buildpacks", "add", $"{host.Url}nine#main:sub")));

        var (layout, repository) = (Path.Combine(lab.Folder, "ten"), lab.Repository());
        Unpack(BuildpackFiles.Cnb(LayerOf("0.10", "/cnb/buildpacks/test_ten/0.0.10/"), """{"id":"test/ten","version":"0.0.10"}"""), layout);
        (await lab.SkopeoAsync("copy", "--quiet", "--dest-tls-verify=false", "--dest-creds", $"any:{lab.Token}", $"oci:{layout}", $"docker://{lab.Host}/{repository}:1")).Succeeded();
        Assert.Equal("test/ten 0.0.10", LastLine(await PaasAsync(lab, "buildpacks", "add", $"registry.localhost:{platform.Port}/{repository}:1")));
        Assert.Equal("test/eleven 0.0.11", LastLine(await PaasAsync(lab, "buildpacks", "add", PathOf("0.11"))));
        Assert.Equal("test/twelve 0.0.12", LastLine(await PaasAsync(lab, "buildpacks", "add", PathOf("0.12"))));

        var list = JsonDocument.Parse((await PaasAsync(lab, "buildpacks", "list", "--json")).Output).RootElement.EnumerateArray().ToDictionary(item => $"{item.GetProperty("id").GetString()}@{item.GetProperty("version").GetString()}");
        Assert.Equal(commit, list["test/nine@0.0.9"].GetProperty("pinned").GetString());
        Assert.StartsWith("sha256:", list["test/ten@0.0.10"].GetProperty("pinned").GetString(), StringComparison.Ordinal);

        var name = $"t{Guid.NewGuid().ToString("N")[..8]}";
        string[] buildpacks = ["test/seven", "test/eight@0.0.8", "test/nine", "test/ten", "test/eleven", "test/twelve", "paas/node"];
        (await PaasAsync(lab, ["apps", "create", name, .. buildpacks.SelectMany(buildpack => (string[])["--buildpack", buildpack])])).Succeeded();
        await using var app = await PushedApp.OfAsync(platform, name, "hello-node");
        var pushed = (await app.PushAsync()).Succeeded();
        Assert.Contains("Buildpacks of the app's settings: test/seven 0.0.7, test/eight 0.0.8, test/nine 0.0.9, test/ten 0.0.10, test/eleven 0.0.11, test/twelve 0.0.12, paas/node", pushed.All, StringComparison.Ordinal);

        // What is stored and cached comes back, and each process is started as its API says.
        (await app.PushChangeAsync("README.md", "again")).Succeeded();
        string[] types = ["seven", "eight", "nine", "ten", "eleven", "twelve"];
        await app.ChangeAsync(HttpMethod.Patch, "/formation", types.Select(type => new ScaleProcess(type, 1, 64)).ToArray());
        string[] said = ["seven: env in platform", "eight: in /tmp", "nine: from exec.d", "ten: linux debian", "eleven: build 2", "twelve: production"];
        await app.UntilAsync("each process says its line", async () => await app.ReadAsync("/logs?num=200") is var logs && said.All(line => logs.Contains(line, StringComparison.Ordinal)));

        var refused = await PaasAsync(lab, "buildpacks", "remove", "test/ten");
        Assert.Equal(
            $"error: test/ten 0.0.10 is chosen by {name}: choose other buildpacks there first (paas apps set --app {name} --buildpack \"\" goes back to the platform's order).",
            refused.Error.Trim());
        (await PaasAsync(lab, "apps", "set", "--app", name, "--buildpack", "")).Succeeded();
        Assert.DoesNotContain("test/seven", (await app.PushChangeAsync("README.md", "once more")).Succeeded().All, StringComparison.Ordinal);
        foreach (var buildpack in buildpacks[..^1])
        {
            (await PaasAsync(lab, "buildpacks", "remove", buildpack)).Succeeded();
        }
    }

    [Fact]
    public async Task A_project_toml_chooses_buildpacks_files_and_variables()
    {
        await using var lab = ClientLab.Start(platform);
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        await app.WriteAsync("secret.txt", "stays at home");
        await app.WriteAsync("project.toml", """
            [_]
            schema-version = "0.2"

            [io.buildpacks]
            exclude = ["secret.txt"]

            [[io.buildpacks.build.env]]
            name = "GREETING"
            value = "from project.toml"

            [[io.buildpacks.pre.group]]
            id = "me/look"
            version = "0.0.1"
            [io.buildpacks.pre.group.script]
            api = "0.10"
            shell = "/bin/bash"
            inline = "echo look: $GREETING; ls | tr '\\n' ' '; test \"$(cat $SERVICE_BINDING_ROOT/company/type)\" = look && wc -c < $2/bindings/company/name && cat /platform/bindings/company/name"
            """);
        (await PaasAsync(lab, "bindings", "set", "company", "--type", "look", "name=Ada and Co", "--app", app.Name)).Succeeded();
        await app.CommitAsync("Choose");
        var pushed = (await app.PushAsync()).Succeeded().All;
        Assert.Contains("project.toml puts in front: me/look 0.0.1", pushed, StringComparison.Ordinal);
        Assert.Contains("project.toml leaves 1 files out of the build.", pushed, StringComparison.Ordinal);
        Assert.Contains("look: from project.toml", pushed, StringComparison.Ordinal);
        Assert.Contains("[redacted]", pushed, StringComparison.Ordinal);
        Assert.DoesNotContain("Ada and Co", pushed, StringComparison.Ordinal);
        Assert.DoesNotContain("secret.txt ", pushed, StringComparison.Ordinal);

        await app.WriteAsync("project.toml", "[io.buildpacks]\n[[io.buildpacks.group]]\nid = \"nobody/has-this\"\n");
        await app.CommitAsync("Choose what is not there");
        var refused = await app.PushAsync();
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("names the buildpack nobody/has-this, which is not here. See those that are with 'paas buildpacks list', and add others with 'paas buildpacks add'.", refused.All, StringComparison.Ordinal);
    }

    /// <summary>As it is where it is published: this test needs that place.</summary>
    [Fact]
    public async Task A_buildpack_from_github_stands_before_ours()
    {
        LongTests.Only("a buildpack of somebody else");
        await using var lab = ClientLab.Start(platform);
        var add = await PaasAsync(lab, "buildpacks", "add", "https://github.com/fagiani/apt-buildpack");
        Assert.SkipWhen(add.Code != 0, $"The buildpack cannot be fetched: {add.Error.Trim()}");
        await using var app = await PushedApp.CreateAsync(platform, "apt-tree");
        await app.WriteAsync("project.toml", "[_]\nschema-version = \"0.2\"\n[[io.buildpacks.group]]\nid = \"fagiani/apt\"\n[[io.buildpacks.group]]\nid = \"paas/node\"\n");
        await app.CommitAsync("Another buildpack for the Aptfile");
        Assert.Contains("project.toml chooses the buildpacks: fagiani/apt", (await app.PushAsync()).Succeeded().Error, StringComparison.Ordinal);
        Assert.StartsWith("tree v2", (await app.VisitAsync()).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_added_is_refused_on_the_command_line_with_its_reason()
    {
        await using var lab = ClientLab.Start(platform);
        var folder = Directory.CreateDirectory(Path.Combine(lab.Folder, "broken")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "README.md"), "", Cancelled);
        await SaysAsync("error: There is no buildpack.toml at the top. No folder in it is a buildpack either: one has buildpack.toml, bin/detect and bin/build.");
        await File.WriteAllTextAsync(Path.Combine(folder, "buildpack.toml"), "api = \"0.10\"\n[buildpack]\nid = broken\n", Cancelled);
        Assert.StartsWith("error: buildpack.toml cannot be used: line 3, column 6", (await PaasAsync(lab, "buildpacks", "add", folder)).Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "buildpack.toml"), BuildpackFiles.Toml("test/broken", "1", "0.99"), Cancelled);
        await SaysAsync("error: Buildpack test/broken needs buildpack API 0.99; this platform speaks 0.7 to 0.12.");
        await File.WriteAllTextAsync(Path.Combine(folder, "buildpack.toml"), BuildpackFiles.Toml("test/broken", "1"), Cancelled);
        await SaysAsync("error: The buildpack test/broken 1 has no bin/detect: a buildpack needs bin/detect and bin/build, or an [[order]] of other buildpacks. If it is written in a compiled language, add its built package (.cnb file or image).");
        File.CreateSymbolicLink(Path.Combine(folder, "passwd"), "/etc/passwd");
        await SaysAsync("error: The entry 'passwd' is refused: it is a symbolic link that leaves the archive (to '/etc/passwd').");

        async Task SaysAsync(string sentence)
        {
            var ended = await PaasAsync(lab, "buildpacks", "add", folder);
            Assert.Equal((sentence, 1), (ended.Error.Trim(), ended.Code));
        }
    }

    private static string LastLine(Ended ended) => ended.Succeeded().Output.TrimEnd().Split('\n')[^1];

    private static byte[] LayerOf(string api, string prefix) =>
        BuildpackFiles.Tar(FilesOf(api).Select(TarEntry (file) => BuildpackFiles.Text(prefix + file.Name, file.Text, file.IsExecutable ? BuildpackFiles.Executable : BuildpackFiles.Plain)));

    private static IEnumerable<(string Name, string Text, bool IsExecutable)> FilesOf(string api) => Directory.EnumerateFiles(PathOf(api), "*", SearchOption.AllDirectories)
        .Select(file => (Path.GetRelativePath(PathOf(api), file), File.ReadAllText(file), File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute)));

    private static void Unpack(byte[] tar, string folder)
    {
        Directory.CreateDirectory(folder);
        using var stream = new MemoryStream(tar);
        System.Formats.Tar.TarFile.ExtractToDirectory(stream, folder, overwriteFiles: false);
    }

    private static string PathOf(string api, [CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../buildpacks", $"api-{api}"));

    private Task<Ended> PaasAsync(ClientLab lab, params string[] arguments) => Command.RunAsync(
        $"{Environment.GetEnvironmentVariable("PAAS_PLATFORM")}/cli/paas",
        arguments,
        Cancelled,
        lab.Folder,
        new Dictionary<string, string> { ["HOME"] = lab.Folder, ["PAAS_URL"] = platform.Url, ["PAAS_TOKEN"] = platform.Token });
}
