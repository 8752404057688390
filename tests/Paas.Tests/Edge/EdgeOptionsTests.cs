using System.Net;
using System.Net.Sockets;
using Paas.State;

namespace Paas.Edge;

public sealed class EdgeOptionsTests
{
    [Fact]
    public void Empty_environment_gives_the_defaults()
    {
        var options = EdgeOptions.FromEnvironment(static _ => null);
        Assert.Equal(("/var/lib/paas", IPAddress.Loopback, 8080, "localhost"), (options.Home, options.Bind, options.HttpPort, options.BaseDomain));
    }

    [Fact]
    public void Edge_and_control_read_the_same_cache()
    {
        Assert.Equal(new PlatformOptions().Cache, EdgeOptions.FromEnvironment(static _ => null).Cache);
        Assert.Equal("/somewhere/cache", EdgeOptions.FromEnvironment(static name => name == "PAAS_CACHE" ? "/somewhere/cache" : null).Cache);
    }

    [Fact]
    public async Task Taken_port_is_a_sentence()
    {
        var folder = Directory.CreateTempSubdirectory("paas-edge-");
        try
        {
            using var taken = new TcpListener(IPAddress.Loopback, 0);
            taken.Start();
            var port = ((IPEndPoint)taken.LocalEndpoint).Port;
            var error = await Assert.ThrowsAsync<UserError>(() => EdgeRole.RunAsync(new EdgeOptions { Home = folder.FullName, HttpPort = port }, TestContext.Current.CancellationToken));
            Assert.Equal($"Port {port} of 127.0.0.1 is taken by another program. Stop that one, or set PAAS_HTTP_PORT to a free port.", error.Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("PAAS_BIND", "everywhere", "PAAS_BIND is 'everywhere', which is not an IP address. Set it to 127.0.0.1, or to 0.0.0.0 to be reached from outside.")]
    [InlineData("PAAS_HTTP_PORT", "99999", "PAAS_HTTP_PORT is '99999', which is not a port. Set it to a number from 1 to 65535.")]
    [InlineData("PAAS_HTTP_PORT", "0", "PAAS_HTTP_PORT is '0', which is not a port. Set it to a number from 1 to 65535.")]
    public void Malformed_variable_is_named(string name, string value, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<UserError>(() => EdgeOptions.FromEnvironment(asked => asked == name ? value : null)).Message);
}
