using Paas.State;
using Paas.Testing;

namespace Paas.Accounts;

public sealed class AccountStoreTests : IDisposable
{
    private readonly TempHome _temp = new();
    private readonly AccountStore _accounts;

    public AccountStoreTests() => _accounts = new AccountStore(_temp.Database, TimeProvider.System);

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void The_first_administrator_is_made_once()
    {
        Assert.False(_accounts.HasUsers());
        var first = _accounts.Bootstrap(null);
        Assert.Equal("admin", first.Name);
        Assert.True(_accounts.HasUsers());
        Assert.Equal(first, _accounts.Bootstrap(null));
        Assert.Equal(first, _accounts.Bootstrap("admin"));
    }

    [Fact]
    public void A_platform_with_users_makes_no_further_administrator()
    {
        _accounts.Bootstrap("ada");
        var error = Assert.Throws<UserError>(() => _accounts.Bootstrap("eve"));
        Assert.Equal("user_not_found", error.Code);
        Assert.Contains("'ada'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_follow_the_grammar_and_are_unique()
    {
        var team = _accounts.AddTeam("one");
        Assert.Equal("one", _accounts.TeamName(team));
        Assert.Equal("team_name_taken", Assert.Throws<UserError>(() => _accounts.AddTeam("one")).Code);
        Assert.Equal("user_name_invalid", Assert.Throws<UserError>(() => _accounts.AddUser(team, "Ada L")).Code);
        _accounts.AddUser(team, "ada");
        Assert.Equal("user_name_taken", Assert.Throws<UserError>(() => _accounts.AddUser(team, "ada")).Code);
    }
}
