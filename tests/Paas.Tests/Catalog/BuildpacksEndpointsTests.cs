using System.Formats.Tar;
using System.Net;
using Paas.Builds;
using Paas.Client;
using Paas.Oci;
using Paas.Testing;
using static Paas.Catalog.BuildpackFiles;

namespace Paas.Catalog;

public sealed class BuildpacksEndpointsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_uploaded_folder_is_kept_listed_and_removed()
    {
        await using var paas = await TestPaas.StartAsync();
        var added = await UploadAsync(paas, Tar(Whole("acme/hello", "1.2.3")), "hello").ReadAsync<BuildpackView[]>();
        var view = Assert.Single(added);
        Assert.Equal(("acme/hello", "1.2.3", "0.10", "hello", "says hello"), (view.Id, view.Version, view.Api, view.Source, view.Description));
        Assert.Equal(view.Digest, view.Pinned);

        var folder = Path.Combine(paas.Home.Buildpacks, view.Digest!["sha256:".Length..]);
        Assert.Equal(Executable, File.GetUnixFileMode(Path.Combine(folder, "bin/build")));
        Assert.Equal(Plain, File.GetUnixFileMode(Path.Combine(folder, "buildpack.toml")));

        var list = await ListAsync(paas);
        Assert.Contains(list, item => item is { Id: "paas/node", BuiltIn: true });
        Assert.Contains(list, item => item is { Id: "acme/hello", BuiltIn: false });
        using var removed = await paas.Api.DeleteAsync("/api/v1/buildpacks/acme/hello", Token);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.DoesNotContain(await ListAsync(paas), item => item.Id == "acme/hello");
        Assert.Equal("buildpack_not_found", (await paas.Api.DeleteAsync("/api/v1/buildpacks/acme/hello@1", Token).ProblemAsync(HttpStatusCode.NotFound)).Code);
        Assert.Equal("buildpack_built_in", (await paas.Api.DeleteAsync("/api/v1/buildpacks/paas/node", Token).ProblemAsync(HttpStatusCode.Conflict)).Code);
    }

    [Fact]
    public async Task The_same_files_have_the_same_digest_however_they_came()
    {
        await using var paas = await TestPaas.StartAsync();
        var one = await UploadAsync(paas, Tar(Whole("acme/hello", "1")), "a").ReadAsync<BuildpackView[]>();
        var two = await UploadAsync(paas, Cnb(Tar(Whole("acme/hello", "1", "/cnb/buildpacks/acme_hello/1/")), """{"id":"acme/hello","version":"1"}"""), "b.cnb").ReadAsync<BuildpackView[]>();
        Assert.Equal(one[^1].Digest, two[^1].Digest);
        Assert.NotEqual(two[^1].Digest, two[^1].Pinned);
        Assert.Equal("b.cnb", Assert.Single(await ListAsync(paas), item => item.Id == "acme/hello").Source);
    }

    [Fact]
    public async Task A_package_brings_the_parts_of_its_composite()
    {
        await using var paas = await TestPaas.StartAsync();
        var layer = Tar([
            .. Whole("acme/one", "1", "cnb/buildpacks/acme_one/1/"), .. Whole("acme/two", "2", "cnb/buildpacks/acme_two/2/"),
            Text("cnb/buildpacks/acme_all/3/buildpack.toml", Composite("acme/all", "3", "acme/one@1", "acme/two@2"))]);
        var added = await UploadAsync(paas, Cnb(layer, """{"id":"acme/all","version":"3"}"""), "all.cnb").ReadAsync<BuildpackView[]>();
        Assert.Equal(["acme/one 1", "acme/two 2", "acme/all 3"], added.Select(item => $"{item.Id} {item.Version}"));
        Assert.True(added[^1].Composite);
        var problem = await paas.Api.DeleteAsync("/api/v1/buildpacks/acme/one", Token).ProblemAsync(HttpStatusCode.Conflict);
        Assert.Equal("acme/one 1 is a part of acme/all 3: remove that first.", problem.Detail);
    }

    [Fact]
    public async Task A_composite_without_its_parts_says_which_are_missing()
    {
        await using var paas = await TestPaas.StartAsync();
        var composite = Tar(Text("buildpack.toml", Composite("acme/all", "3", "acme/one@1", "acme/two@2")));
        Assert.Equal(
            "acme/all 3 is made of other buildpacks, of which these are not here: acme/one@1, acme/two@2. Add those first, or add the package (.cnb file or image) that holds them all.",
            (await UploadAsync(paas, composite, "all").ProblemAsync(HttpStatusCode.UnprocessableEntity)).Detail);
        await UploadAsync(paas, Tar(Whole("acme/one", "1")), "one").ReadAsync<BuildpackView[]>();
        await UploadAsync(paas, Tar(Whole("acme/two", "2")), "two").ReadAsync<BuildpackView[]>();
        await UploadAsync(paas, composite, "all").ReadAsync<BuildpackView[]>();
    }

    [Fact]
    public async Task An_image_of_another_registry_is_fetched_and_pinned_by_its_digest()
    {
        await using var upstream = await TestUpstream.StartAsync();
        await using var paas = await TestPaas.StartAsync();
        var package = Package(Tar(Whole("acme/hello", "1", "/cnb/buildpacks/acme_hello/1/")), """{"id":"acme/hello","version":"1"}""");
        upstream.Blob("team/hello", package.Config);
        upstream.Blob("team/hello", package.Layer);
        upstream.Manifest("team/hello", "1", package.Manifest);
        var added = await AddAsync(paas, $"docker://http://{upstream.Host}/team/hello:1").ReadAsync<BuildpackView[]>();
        Assert.Equal(Digest.Of(package.Manifest).ToString(), Assert.Single(added).Pinned);
        Assert.Equal("buildpack_not_fetched", (await AddAsync(paas, $"docker://http://{upstream.Host}/team/hello:2").ProblemAsync(HttpStatusCode.UnprocessableEntity)).Code);
    }

    [Fact]
    public async Task The_newest_version_is_the_last_of_its_name()
    {
        await using var paas = await TestPaas.StartAsync();
        foreach (var version in (string[])["1.10.0", "1.9.0", "1.10.0-rc.1"])
        {
            await UploadAsync(paas, Tar(Whole("acme/hello", version)), version).ReadAsync<BuildpackView[]>();
        }

        Assert.Equal(["1.9.0", "1.10.0-rc.1", "1.10.0"], (await ListAsync(paas)).Where(item => item.Id == "acme/hello").Select(item => item.Version));
        Assert.Equal("buildpack_version_missing", (await paas.Api.DeleteAsync("/api/v1/buildpacks/acme/hello", Token).ProblemAsync(HttpStatusCode.Conflict)).Code);
    }

    [Fact]
    public async Task An_app_names_buildpacks_that_are_there_and_keeps_them_from_being_removed()
    {
        await using var paas = await TestPaas.StartAsync();
        var unknown = new CreateApp("shop") { Buildpacks = ["acme/hello"] };
        Assert.Equal(
            "There is no buildpack 'acme/hello'. List those that are here with 'paas buildpacks list', add others with 'paas buildpacks add'.",
            (await paas.Api.PostAsJsonAsync("/api/v1/apps", unknown, Token).ProblemAsync(HttpStatusCode.NotFound)).Detail);
        await UploadAsync(paas, Tar(Whole("acme/hello", "1")), "hello").ReadAsync<BuildpackView[]>();
        var made = await paas.Api.PostAsJsonAsync("/api/v1/apps", unknown with { Buildpacks = ["acme/hello", "paas/procfile"] }, Token).ReadAsync<AppView>(HttpStatusCode.Created);
        Assert.Equal(["acme/hello", "paas/procfile"], made.Settings.Buildpacks);
        Assert.Equal(["shop"], Assert.Single(await ListAsync(paas), item => item.Id == "acme/hello").Apps);
        Assert.Equal(
            "acme/hello 1 is chosen by shop: choose other buildpacks there first (paas apps set --app shop --buildpack \"\" goes back to the platform's order).",
            (await paas.Api.DeleteAsync("/api/v1/buildpacks/acme/hello", Token).ProblemAsync(HttpStatusCode.Conflict)).Detail);
        Assert.Equal(
            "There is no version 2 of acme/hello, but 1.",
            (await SetAsync(paas, "acme/hello@2").ProblemAsync(HttpStatusCode.NotFound)).Detail);
        Assert.Equal("The buildpack acme/hello is named twice: a build runs each once.", (await SetAsync(paas, "acme/hello", "acme/hello@1").ProblemAsync(HttpStatusCode.BadRequest)).Detail);
        Assert.Empty((await SetAsync(paas).ReadAsync<AppView>()).Settings.Buildpacks);
        using var removed = await paas.Api.DeleteAsync("/api/v1/buildpacks/acme/hello", Token);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
    }

    [Fact]
    public async Task Another_team_has_its_own_buildpacks()
    {
        await using var paas = await TestPaas.StartAsync();
        await UploadAsync(paas, Tar(Whole("acme/hello", "1")), "hello").ReadAsync<BuildpackView[]>();
        var stranger = paas.OtherTeam("strangers");
        Assert.DoesNotContain(await stranger.GetAsync("/api/v1/buildpacks", Token).ReadAsync<BuildpackView[]>(), item => !item.BuiltIn);
        Assert.Equal("buildpack_not_found", (await stranger.DeleteAsync("/api/v1/buildpacks/acme/hello", Token).ProblemAsync(HttpStatusCode.NotFound)).Code);
        Assert.Equal("buildpack_not_found", (await stranger.PostAsJsonAsync("/api/v1/apps", new CreateApp("theirs") { Buildpacks = ["acme/hello"] }, Token).ProblemAsync(HttpStatusCode.NotFound)).Code);
    }

    public static TheoryData<string, byte[], string> Refused => new()
    {
        { "names leave", Tar([.. Whole("a", "1"), Text("../x", "")]), "The entry '../x' is refused: it has '..'." },
        { "names are absolute", Tar([.. Whole("a", "1"), Text("/etc/x", "")]), "The entry '/etc/x' is refused: it is absolute." },
        { "links leave", Tar([.. Whole("a", "1"), Link("bin/x", "../../etc/passwd")]), "The entry 'bin/x' is refused: it is a symbolic link that leaves the archive (to '../../etc/passwd')." },
        { "links are absolute", Tar([.. Whole("a", "1"), Link("x", "/etc/passwd")]), "The entry 'x' is refused: it is a symbolic link that leaves the archive (to '/etc/passwd')." },
        { "links climb back through a link", Tar([.. Whole("a", "1"), Link("x", "y/../..")]), "The entry 'x' is refused: it is a symbolic link that leaves the archive (to 'y/../..')." },
        { "files through links", Tar([.. Whole("a", "1"), Link("x", "bin"), Text("x/y", "")]), "The entry 'x/y' is refused: a symbolic link stands in its path." },
        { "hard links to nothing", Tar([.. Whole("a", "1"), Link("x", "etc/passwd", TarEntryType.HardLink)]), "The entry 'x' is refused: it is a hard link to 'etc/passwd', which is no file of this layer." },
        { "devices", Tar([.. Whole("a", "1"), new PaxTarEntry(TarEntryType.CharacterDevice, "null") { DeviceMajor = 1, DeviceMinor = 3 }]), "The entry 'null' is refused: it is a device node." },
        { "fifos", Tar([.. Whole("a", "1"), new PaxTarEntry(TarEntryType.Fifo, "pipe")]), "The entry 'pipe' is refused: it is a fifo." },
        { "no tar", "hello, this is no tar"u8.ToArray(), "The archive is refused: its tar ends in the middle of an entry." },
        { "nothing", [], "Nothing was uploaded: send a tar of the buildpack's folder, or a .cnb file." },
        { "no buildpack.toml", Tar(Text("README.md", "")), "There is no buildpack.toml at the top. No folder in it is a buildpack either: one has buildpack.toml, bin/detect and bin/build." },
        {
            "buildpacks further down", Tar([.. Whole("a", "1", "buildpacks/a/"), .. Whole("b", "1", "buildpacks/b/")]),
            "There is no buildpack.toml at the top. Buildpacks are in: buildpacks/a, buildpacks/b. Name one of them: a folder as it is, of a repository with URL#branch:folder."
        },
        { "an extension", Tar(Text("extension.toml", "")), "This is an image extension (extension.toml): it would change the base images by a Dockerfile, which this platform does not do. Only buildpacks can be added." },
        { "no bin/build", Tar(Whole("a", "1")[..2]), "The buildpack a 1 has no bin/build: a buildpack needs bin/detect and bin/build, or an [[order]] of other buildpacks. If it is written in a compiled language, add its built package (.cnb file or image)." },
        {
            "bin/build is not executable", Tar([.. Whole("a", "1")[..2], Text("bin/build", "#!/bin/sh\n")]),
            "bin/build of the buildpack a 1 is not executable: make it so (chmod +x bin/build) and add the buildpack again."
        },
        { "an unknown API", Tar(Whole("a", "1", api: "0.6")), "Buildpack a needs buildpack API 0.6; this platform speaks 0.7 to 0.12." },
        { "the platform's id", Tar(Whole("paas/node", "1")), "The buildpack calls itself paas/node, but ids under 'paas/' are the platform's own: give it another id in buildpack.toml." },
        { "no package", Cnb(Tar([]), null), "This image is no buildpackage: it lacks the label io.buildpacks.buildpackage.metadata. An app's image is deployed with 'paas deploy --image'." },
        { "a package of something else", Cnb(Tar(Whole("b", "1", "/cnb/buildpacks/b/1/")), """{"id":"a","version":"1"}"""), "The package says that it is a 1, but /cnb/buildpacks/a/1 is not in its layers: make it again (pack buildpack package)." },
        { "a package whose layer leaves", Cnb(Tar(Text("/../x", "")), """{"id":"a","version":"1"}"""), "A layer of the package is refused. The entry '../x' is refused: it has '..'." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_cannot_be_used_is_refused_with_its_reason(string what, byte[] archive, string sentence)
    {
        await using var paas = await TestPaas.StartAsync();
        Assert.Equal((what, sentence), (what, (await UploadAsync(paas, archive, "x").ProblemAsync(HttpStatusCode.UnprocessableEntity)).Detail));
        Assert.DoesNotContain(await ListAsync(paas), item => !item.BuiltIn);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(paas.Home.Buildpacks, "tmp")));
    }

    [Fact]
    public async Task A_broken_buildpack_toml_is_told_with_its_line()
    {
        await using var paas = await TestPaas.StartAsync();
        var problem = await UploadAsync(paas, Tar(Text("buildpack.toml", "api = \"0.10\"\n[buildpack]\nid = \"a\n")), "x").ProblemAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal("buildpack_invalid", problem.Code);
        Assert.StartsWith("buildpack.toml cannot be used: line 3", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_no_team_names_are_swept_when_no_build_can_read_them_any_more()
    {
        var time = new ManualTime(TimeProvider.System.GetUtcNow());
        using var temp = new TempHome();
        var store = new AddedBuildpacks(temp.Database, temp.Home, time);
        var folder = store.PathOf(new string('a', 64));
        Directory.CreateDirectory(folder);
        Assert.Empty(store.Sweep(time.GetUtcNow(), dryRun: false, Token));
        Assert.Single(store.Sweep(time.GetUtcNow() + TimeSpan.FromHours(3), dryRun: true, Token));
        Assert.True(Directory.Exists(folder));
        Assert.Single(store.Sweep(time.GetUtcNow() + TimeSpan.FromHours(3), dryRun: false, Token));
        Assert.False(Directory.Exists(folder));
    }

    internal static Task<HttpResponseMessage> AddAsync(TestPaas paas, string source) => paas.Api.PostAsJsonAsync("/api/v1/buildpacks", new AddBuildpack(source), Token);

    private static async Task<BuildpackView[]> ListAsync(TestPaas paas) => await paas.Api.GetAsync("/api/v1/buildpacks", Token).ReadAsync<BuildpackView[]>();

    private static Task<HttpResponseMessage> SetAsync(TestPaas paas, params string[] buildpacks) =>
        paas.Api.PatchAsJsonAsync("/api/v1/apps/shop", new UpdateApp { Buildpacks = buildpacks }, Token);

    private static async Task<HttpResponseMessage> UploadAsync(TestPaas paas, byte[] archive, string name)
    {
        using var content = new ByteArrayContent(archive);
        return await paas.Api.PostAsync($"/api/v1/buildpacks/upload?name={name}", content, Token);
    }
}
