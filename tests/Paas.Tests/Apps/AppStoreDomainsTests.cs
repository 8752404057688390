using Paas.Accounts;
using Paas.State;
using Paas.Testing;

namespace Paas.Apps;

public sealed class AppStoreDomainsTests : IDisposable
{
    private readonly TempHome _temp = new();
    private readonly AppStore _apps;
    private readonly App _app;
    private readonly App _second;

    public AppStoreDomainsTests()
    {
        _apps = _temp.Apps();
        var team = new AccountStore(_temp.Database, TimeProvider.System).AddTeam("one");
        _app = _apps.Create(team, AppName.Parse("hello"));
        _second = _apps.Create(team, AppName.Parse("second"));
    }

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_domain_is_added_once_and_the_platforms_own_name_never()
    {
        Assert.True(_apps.AddDomain(_app, DomainName.Parse("WWW.Example.com.")));
        Assert.False(_apps.AddDomain(_app, DomainName.Parse("www.example.com")));
        Assert.False(_apps.AddDomain(_app, DomainName.Parse("hello.localhost")));
        Assert.Equal(["www.example.com"], _apps.DomainsOf(_app.Id));
    }

    [Fact]
    public void Names_of_others_are_refused()
    {
        _apps.AddDomain(_app, DomainName.Parse("www.example.com"));
        Assert.Equal("domain_taken", Assert.Throws<UserError>(() => _apps.AddDomain(_second, DomainName.Parse("www.example.com"))).Code);
        Assert.Equal("domain_reserved", Assert.Throws<UserError>(() => _apps.AddDomain(_second, DomainName.Parse("hello.localhost"))).Code);
        Assert.Equal("domain_reserved", Assert.Throws<UserError>(() => _apps.AddDomain(_second, DomainName.Parse("registry.localhost"))).Code);
    }

    [Fact]
    public void Removing_names_what_cannot_be_removed()
    {
        _apps.AddDomain(_app, DomainName.Parse("www.example.com"));
        Assert.Equal("domain_not_found", Assert.Throws<UserError>(() => _apps.RemoveDomain(_second, "www.example.com")).Code);
        Assert.Equal("domain_built_in", Assert.Throws<UserError>(() => _apps.RemoveDomain(_app, "hello.localhost")).Code);
        _apps.RemoveDomain(_app, "www.example.com");
        Assert.Empty(_apps.DomainsOf(_app.Id));
    }

    [Theory]
    [InlineData("example")]
    [InlineData("http://example.com")]
    [InlineData("example.com:80")]
    [InlineData("*.example.com")]
    [InlineData("a_b.example.com")]
    [InlineData("-a.example.com")]
    [InlineData("10.0.0.1")]
    [InlineData("::1")]
    [InlineData("example.c0m.1")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_domain_is_refused(string? text) =>
        Assert.Equal("domain_invalid", Assert.Throws<UserError>(() => DomainName.Parse(text)).Code);

    [Fact]
    public void Letters_beyond_ASCII_get_their_punycode_suggested() =>
        Assert.Contains("'xn--bcher-kva.example'", Assert.Throws<UserError>(() => DomainName.Parse("bücher.example")).Message, StringComparison.Ordinal);
}
