using System.Net;

namespace Paas.Edge;

public sealed class EdgeOptionsTests
{
    [Fact]
    public void Empty_environment_gives_the_defaults()
    {
        var options = EdgeOptions.FromEnvironment(static _ => null);
        Assert.Equal(("/var/lib/paas", IPAddress.Loopback, 8080, "localhost"), (options.Home, options.Bind, options.HttpPort, options.BaseDomain));
    }

    [Theory]
    [InlineData("PAAS_BIND", "everywhere", "PAAS_BIND is 'everywhere', which is not an IP address. Set it to 127.0.0.1, or to 0.0.0.0 to be reached from outside.")]
    [InlineData("PAAS_HTTP_PORT", "99999", "PAAS_HTTP_PORT is '99999', which is not a port. Set it to a number from 1 to 65535.")]
    [InlineData("PAAS_HTTP_PORT", "0", "PAAS_HTTP_PORT is '0', which is not a port. Set it to a number from 1 to 65535.")]
    public void Malformed_variable_is_named(string name, string value, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<FormatException>(() => EdgeOptions.FromEnvironment(asked => asked == name ? value : null)).Message);
}
