using Paas.Buildpacks;
using Paas.Engine.Native.Disk;
using Paas.Oci;

namespace Paas.Builds;

public sealed class StackTests
{
    private static string Buildpacks => Path.Combine(AppContext.BaseDirectory, "buildpacks");

    [Fact]
    public void The_recipes_of_the_installation_can_be_read()
    {
        var recipes = StackRecipes.Read(Buildpacks);

        Assert.Equal(("trixie", "trixie"), (recipes.Run.Suite, recipes.Build.Suite));
        Assert.Equal((BaseTar.RunUid, BaseTar.BuildUid), (recipes.Run.User, recipes.Build.User));
        Assert.Contains("libatomic1", recipes.Run.Packages);
    }

    [Fact]
    public void Another_recipe_is_another_stack()
    {
        var recipes = StackRecipes.Read(Buildpacks);
        var changed = new StackRecipes(recipes.Run with { Packages = [.. recipes.Run.Packages, "tzdata-legacy"] }, recipes.Build);

        Assert.Equal(recipes.Hash, StackRecipes.Read(Buildpacks).Hash);
        Assert.NotEqual(recipes.Hash, changed.Hash);
    }

    [Fact]
    public void A_newer_set_of_packages_becomes_the_stack_of_its_recipe()
    {
        using var folder = new TempFolder();
        var cache = new StackCache(folder.Path);
        var recipes = StackRecipes.Read(Buildpacks);
        Assert.Null(cache.Find(recipes));

        cache.Add(Entry(recipes, "1", '1'));
        cache.Add(Entry(recipes, "2", '2'));

        Assert.Equal($"sha256:{new string('2', 64)}", cache.Find(recipes)!.Run.ToString());
        Assert.Equal(3, Directory.GetFiles(folder["stacks"]).Length);
    }

    [Fact]
    public void Debian_is_asked_for_exactly_what_the_recipe_says()
    {
        var recipe = StackRecipes.Read(Buildpacks).Run with { Packages = ["a", "b"], PathExcludes = ["/usr/share/man/*"], PathIncludes = ["/keep"] };
        var apt = new AptSources(["deb http://mirror.lan/debian trixie main"], ["Acquire::http::Proxy \"http://proxy.lan\""]);

        Assert.Equal(
            [
                "--mode=root", "--format=tar", "--variant=essential", "--components=main", "--include=a,b",
                "--aptopt=Acquire::Languages \"none\"", "--aptopt=APT::Install-Recommends \"false\"", "--aptopt=Acquire::http::Proxy \"http://proxy.lan\"",
                "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-include=/keep", "--dpkgopt=force-unsafe-io",
                "--skip=download/empty", "--skip=essential/unlink",
                "--setup-hook=sync-in /debs /var/cache/apt", "--customize-hook=sync-out /var/cache/apt/archives /debs/archives",
                "trixie", "/out.tar", "deb http://mirror.lan/debian trixie main",
            ],
            Mmdebstrap.Arguments(recipe, apt, "/debs", "/out.tar"));
    }

    [Theory]
    [InlineData(127, "No such file or directory", "apt-get install mmdebstrap debian-archive-keyring")]
    [InlineData(1, "E: Could not resolve 'mirror.lan'", "see that 'apt-get update' works")]
    [InlineData(1, "NO_PUBKEY 6ED0E7B82643E131", "apt-get install debian-archive-keyring")]
    [InlineData(1, "dpkg: error: No space left on device", "free 3 GB")]
    public void A_failed_step_says_what_to_do(int exitCode, string line, string advice) =>
        Assert.Contains(advice, StackCommand.Sentence(new HostProgramException("mmdebstrap", [], exitCode, [line])), StringComparison.Ordinal);

    [Fact]
    public async Task Old_build_images_go_and_run_images_stay()
    {
        using var folder = new TempFolder();
        var token = TestContext.Current.CancellationToken;
        var cache = new StackCache(folder.Path);
        var recipes = StackRecipes.Read(Buildpacks);
        var (blobs, snapshots) = (new BlobStore(cache.Blobs), new Snapshots(cache.Snapshots));
        using var images = new SmallImages(blobs, snapshots, new Images(blobs, snapshots));
        var made = new List<(Image Run, Image Build)>();
        for (var day = 0; day < 4; day++)
        {
            made.Add((await images.RunImageAsync(layers: [$"run=day {day}"]), await images.RunImageAsync(layers: [$"build=day {day}"])));
            cache.Add(Entry(recipes, $"{day}", '0') with { Run = made[day].Run.Digest.ToString(), Build = made[day].Build.Digest.ToString(), Made = DateTimeOffset.UnixEpoch.AddDays(day * 7) });
        }

        var gone = await new StackLeftovers(cache).RemoveAsync(DateTimeOffset.UnixEpoch.AddDays(21), token);

        Assert.Equal(made.Take(2).Select(pair => pair.Build.Digest.ToString()).Order(), gone.Select(digest => digest.ToString()).Order());
        Assert.All(made.Take(2), pair => Assert.False(blobs.Contains(pair.Build.Manifest.Layers[0].Digest) || snapshots.Contains(pair.Build.Config.RootFs.DiffIds[0])));
        Assert.All(made, pair => Assert.True(blobs.Contains(pair.Run.Digest) && snapshots.Contains(pair.Run.Config.RootFs.DiffIds[0])));
        Assert.All(made.Skip(2), pair => Assert.True(blobs.Contains(pair.Build.Manifest.Layers[0].Digest)));
        Assert.Empty(await new StackLeftovers(cache).RemoveAsync(DateTimeOffset.UnixEpoch.AddDays(21), token));
    }

    private static StackEntry Entry(StackRecipes recipes, string version, char digit) => new(
        recipes.Hash,
        $"sha256:{new string(digit, 64)}",
        $"sha256:{new string(digit, 64)}",
        new Dictionary<string, SortedDictionary<string, string>> { ["run"] = new() { ["bash"] = version } },
        DateTimeOffset.UnixEpoch);
}
