namespace Paas.Routing;

public sealed class HostResolversTests
{
    [Fact]
    public void Nameserver_lines_are_read_in_order_and_all_else_is_skipped() =>
        Assert.Equal(
            ["10.255.255.53", "127.0.0.53", "fd00::1"],
            HostResolvers.Parse("# nameserver 9.9.9.9\nsearch lan\nnameserver 10.255.255.53\r\nnameserver\t127.0.0.53\noptions edns0\nnameserver nonsense\nnameserver 10.255.255.53\nnameserver fd00::1\n"));
}
