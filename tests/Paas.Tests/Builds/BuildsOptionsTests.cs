using Paas.State;
using Paas.Testing;

namespace Paas.Builds;

public sealed class BuildsOptionsTests : IDisposable
{
    private readonly TempHome _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void The_sample_that_is_installed_says_what_holds_without_it()
    {
        Assert.Equal(new BuildsOptions(), BuildsOptions.Read(_temp.Home));
        File.Copy(Repository.PathOf("install/paas.json"), Path.Combine(_temp.Home.Root, "paas.json"));
        Assert.Equal(new BuildsOptions(), BuildsOptions.Read(_temp.Home));
    }

    [Fact]
    public void What_the_operator_writes_holds()
    {
        var options = Read("""{ "builds": { "atOnce": 3, "cacheGigabytes": 5, "cacheGigabytesPerApp": 0.5, "unchangedHours": 0 }, "registry": {} }""");
        Assert.Equal((3, 5L << 30, 512L << 20, TimeSpan.Zero), (options.AtOnce, options.CacheBytes, options.CacheBytesPerApp, options.UnchangedFor));
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var refused = Assert.Throws<UserError>(() => Read("""{ "builds": { "atOnce": 0, "cacheGigabytes": -1 } }"""));
        Assert.EndsWith("paas.json: builds.atOnce is a number from 1 to 64; builds.cacheGigabytes is a number of GB, 0 or more.", refused.Message, StringComparison.Ordinal);
    }

    private BuildsOptions Read(string text)
    {
        File.WriteAllText(Path.Combine(_temp.Home.Root, "paas.json"), text);
        return BuildsOptions.Read(_temp.Home);
    }
}
