using System.Net;

namespace Paas.Engine.Native.Network;

public sealed class SubnetChoiceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-subnet-").FullName;

    [Fact]
    public void A_subnet_of_the_host_or_of_another_home_is_passed_over()
    {
        var first = SubnetChoice.Choose("0000", []);
        Assert.Equal(IPNetwork.Parse("10.128.0.0/16"), first);
        Assert.Equal(IPNetwork.Parse("10.129.0.0/16"), SubnetChoice.Choose("0000", [IPNetwork.Parse("10.128.7.0/24")]));
        Assert.Equal(IPNetwork.Parse("172.31.0.0/16"), SubnetChoice.Choose("0000", [IPNetwork.Parse("10.0.0.0/8")]));
        Assert.Equal(first, SubnetChoice.Choose("0000", [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("0.0.0.0/1")]));
        Assert.Null(SubnetChoice.Choose("0000", [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12")]));
    }

    [Fact]
    public async Task A_home_keeps_its_subnet_until_somebody_else_has_it()
    {
        var lockFile = Path.Combine(_directory, "lock");
        NetworkOptions a = new() { Tag = "0000", StateFile = "", LockFile = lockFile }, b = new() { Tag = "0001", StateFile = "", LockFile = lockFile };
        var first = await ClaimAsync(a, null);
        var second = await ClaimAsync(b, null);
        Assert.NotEqual(first, second);
        Assert.Equal(first, await ClaimAsync(a, first));
        Assert.NotEqual(second, await ClaimAsync(a, second));
        Assert.Equal(second, await SubnetChoice.ClaimAsync(a, second, inUse: true, [], TestContext.Current.CancellationToken));
        await SubnetChoice.ForgetAsync(b, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("0001", await File.ReadAllTextAsync(lockFile, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_come_back_as_late_as_they_can()
    {
        List<int> reserved = [];
        var pool = new AddressPool(IPNetwork.Parse("10.200.0.0/16"), 0xfefe, reserved.Add);
        Assert.Equal(IPAddress.Parse("10.200.254.254"), pool.Allocate("a"));
        Assert.Equal(IPAddress.Parse("10.200.254.254"), pool.Allocate("a"));
        pool.Release(IPAddress.Parse("10.200.254.254"));
        Assert.Equal(IPAddress.Parse("10.200.254.255"), pool.Allocate("a"));
        pool.Adopt("old", IPAddress.Parse("10.200.1.0"));
        Assert.Equal(IPAddress.Parse("10.200.1.1"), pool.Allocate("b"));
        Assert.Equal([0x0100, 0x0200], reserved);
    }

    [Fact]
    public void Listening_sockets_are_read_from_the_kernels_table()
    {
        string[] table =
        [
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0",
            "   1: 0100007F:1F91 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0",
            "   2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0 0 0 0 0",
            "   3: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 0 0 0 0 0",
        ];
        Assert.Equal(
            [new Listener(IPAddress.Loopback, 8080), new Listener(IPAddress.IPv6Loopback, 80), new Listener(IPAddress.Parse("::ffff:127.0.0.1"), 81)],
            Listeners.Parse(table));
        Assert.Empty(Listeners.Of(int.MaxValue));
    }

    [Fact]
    public void An_interface_says_its_address()
    {
        var address = IPAddress.Parse("10.200.3.5");
        Assert.Equal("p1a2b0305", Veth.Name("1a2b", address));
        Assert.Equal(address, Veth.AddressOf("1a2b", IPNetwork.Parse("10.200.0.0/16"), "p1a2b0305"));
        Assert.Null(Veth.AddressOf("1a2c", IPNetwork.Parse("10.200.0.0/16"), "p1a2b0305"));
        Assert.Null(Veth.AddressOf("1a2b", IPNetwork.Parse("10.200.0.0/16"), "p1a2b03xx"));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static Task<IPNetwork> ClaimAsync(NetworkOptions options, IPNetwork? kept) =>
        SubnetChoice.ClaimAsync(options, kept, inUse: false, [], TestContext.Current.CancellationToken);
}
