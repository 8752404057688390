namespace Paas.Routing;

public sealed class PlatformHostsTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]", true)]
    [InlineData("hello.localhost", false)]
    [InlineData("10.0.0.1.nip.io", false)]
    [InlineData("app.v2", false)]
    [InlineData("", false)]
    public void Address_is_told_from_a_name(string host, bool expected) => Assert.Equal(expected, PlatformHosts.IsAddress(host));

    [Fact]
    public void Base_domain_gives_itself_the_registry_and_localhost() =>
        Assert.Equal(["apps.example", "registry.apps.example", "localhost"], PlatformHosts.Of("apps.example"));
}
