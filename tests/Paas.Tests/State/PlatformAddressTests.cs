namespace Paas.State;

public sealed class PlatformAddressTests
{
    [Fact]
    public void Links_carry_the_port_only_where_it_is_not_the_schemes_own()
    {
        var development = new PlatformAddress(new Uri("http://localhost:8080"), "localhost");
        Assert.Equal("http://hello.localhost:8080", development.UrlOf(development.HostOf("hello")));
        Assert.Equal("http://localhost:8080/git/hello.git", development.GitUrlOf("hello"));

        var real = new PlatformAddress(new Uri("https://paas.example.com"), "example.com");
        Assert.Equal("https://hello.example.com", real.UrlOf(real.HostOf("hello")));
        Assert.Equal("https://paas.example.com/git/hello.git", real.GitUrlOf("hello"));
    }
}
