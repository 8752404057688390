using System.Net;

namespace Paas.Builds;

public sealed class PackageHostsTests
{
    private readonly List<string> _lines = [];

    [Fact]
    public async Task Every_host_of_the_configuration_is_found_where_it_is_now()
    {
        Assert.Equal(
            [new IPEndPoint(IPAddress.Parse("10.1.2.3"), 3128), new IPEndPoint(IPAddress.Parse("192.168.7.8"), 4873)],
            await ReachAsync("http://192.168.7.8:4873/", "http://me:secret@10.1.2.3:3128"));
        Assert.Empty(_lines);
    }

    [Fact]
    public async Task The_hosts_own_loopback_is_never_reached_and_said_to_be_so()
    {
        Assert.Empty(await ReachAsync("http://127.0.0.1:4873/", "http://localhost:3128"));
        Assert.Equal(2, _lines.Count);
        Assert.Contains("name 127.0.0.1:4873 for packages. That is the server itself, which builds cannot reach", string.Join('\n', _lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_nobody_knows_ends_no_build() => Assert.Empty(await ReachAsync("http://no-such-host.invalid/", ""));

    [Fact]
    public async Task The_configuration_is_read_anew_for_each_build()
    {
        var port = 1;
        var hosts = new PackageHosts(() => Settings(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"http://10.0.0.9:{port++}/"), ""));
        Assert.Equal(1, Assert.Single((await hosts.ReadAsync(_lines.Add, TestContext.Current.CancellationToken)).Reach).Port);
        Assert.Equal(2, Assert.Single((await hosts.ReadAsync(_lines.Add, TestContext.Current.CancellationToken)).Reach).Port);
    }

    [Fact]
    public void The_subnet_of_instances_avoids_the_addresses_that_are_written_down() =>
        Assert.Equal([IPAddress.Parse("10.1.2.3")], PackageHosts.Literal(Settings("http://mirror.lan/", "http://10.1.2.3:3128")));

    private async Task<IReadOnlyList<IPEndPoint>> ReachAsync(string registry, string proxy) =>
        (await new PackageHosts(() => Settings(registry, proxy)).ReadAsync(_lines.Add, TestContext.Current.CancellationToken)).Reach;

    private static HostSettings Settings(string registry, string proxy) =>
        HostSettings.From(new Dictionary<string, string> { ["NPM_CONFIG_REGISTRY"] = registry, ["HTTPS_PROXY"] = proxy }, [], [], null);
}
