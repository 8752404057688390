using System.Text.RegularExpressions;
using Paas.Buildpacks;
using Paas.Builds;
using Paas.Builds.Debian;

namespace Paas.Languages;

/// <summary>What all of our own buildpacks have in common.</summary>
public sealed partial class OwnBuildpacksTests
{
    public static TheoryData<string> Names => [.. Directory.GetDirectories(Repository.PathOf("buildpacks")).Where(folder => File.Exists(Path.Combine(folder, "buildpack.toml"))).Select(folder => Path.GetFileName(folder)).Order()];

    [GeneratedRegex(@"\bdebian_(layer|version)\b")]
    private static partial Regex TakesPackages { get; }

    [GeneratedRegex(@"\bfetch_archive\b")]
    private static partial Regex FetchesArchives { get; }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_says_what_it_looks_for_and_what_it_wants_of_the_platform(string name)
    {
        var folder = Repository.PathOf($"buildpacks/{name}");
        var buildpack = Buildpack.Read(folder, folder);
        var programs = Directory.GetFiles(Path.Combine(folder, "bin")).Select(File.ReadAllText).ToList();

        Assert.Equal($"paas/{name}", buildpack.Id);
        Assert.Equal(programs.Any(TakesPackages.IsMatch), DebianPackages.IsWantedBy(buildpack));
        Assert.Equal(programs.Any(FetchesArchives.IsMatch), FetchedArchives.IsWantedBy(buildpack));
        Assert.True(File.Exists(Path.Combine(folder, "README.md")));
        Assert.Matches("(?m)^description = \".+\"$", File.ReadAllText(Path.Combine(folder, "buildpack.toml")));
    }

    [Fact]
    public void An_Aptfile_and_a_Procfile_may_stand_beside_every_language() => Assert.All(
        Order.Parse(File.ReadAllText(Repository.PathOf("buildpacks/order.toml"))).Groups,
        group => Assert.Equal(("paas/apt", "paas/procfile"), (group.Entries[0].Id, group.Entries[^1].Id)));
}
