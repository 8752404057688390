using Paas.Builds.Debian;

namespace Paas.Builds;

public sealed class StackForecastTests
{
    [Fact]
    public void Apts_steps_become_changes()
    {
        const string simulated = """
            Reading package lists...
            The following packages will be upgraded:
              nginx nginx-common
            Inst nginx [1.26.3-3+deb13u10] (1.26.3-3+deb13u11 Debian-Security:13/stable-security [amd64]) []
            Inst bash [5.2.37-2+b10] (5.2.37-2+b10 Debian:13.7/stable [amd64])
            Inst libnew1:amd64 (1:2.0-1 Debian:13.7/stable [amd64])
            Remv libold1 [1.0-1]
            Conf nginx (1.26.3-3+deb13u11 Debian-Security:13/stable-security [amd64])
            """;

        Assert.Equal(
            ["libnew1 1:2.0-1 (new)", "libold1 1.0-1 (goes)", "nginx 1.26.3-3+deb13u10 -> 1.26.3-3+deb13u11"],
            StackForecast.Parse("run", simulated).Select(change => change.ToString()));
    }

    [Fact]
    public void Apt_reads_nothing_of_the_host_but_how_to_reach_its_mirrors()
    {
        var lines = AptFolder.Configuration("/scratch", "/image/status", new AptSources([], ["Acquire::http::Proxy \"http://proxy.lan\""])).ToList();

        Assert.Contains("Dir::State::status \"/image/status\";", lines);
        Assert.Contains("Acquire::http::Proxy \"http://proxy.lan\";", lines);
        Assert.All(lines.Where(line => line.StartsWith("Dir::Etc", StringComparison.Ordinal)), line => Assert.Contains("\"/scratch/", line, StringComparison.Ordinal));
    }

    [Fact]
    public void What_differs_between_two_images_is_told_by_name()
    {
        var changes = PackageChange.Between("run", new Dictionary<string, string> { ["a"] = "1", ["b"] = "1", ["c"] = "1" }, new Dictionary<string, string> { ["b"] = "1", ["c"] = "2", ["d"] = "1" });

        Assert.Equal(["a 1 (goes)", "c 1 -> 2", "d 1 (new)"], changes.Select(change => change.ToString()));
    }
}
