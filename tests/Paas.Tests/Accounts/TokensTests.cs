using System.Text;
using Dapper;
using Paas.State;
using Paas.Testing;

namespace Paas.Accounts;

public sealed class TokensTests : IDisposable
{
    private readonly TempHome _temp = new();
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Tokens _tokens;
    private readonly long _user;

    public TokensTests()
    {
        _tokens = new Tokens(_temp.Database, _time);
        _user = new AccountStore(_temp.Database, _time).Bootstrap(null).Id;
    }

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_token_names_its_user_and_team()
    {
        var token = _tokens.Create(_user, "ci");

        Assert.Matches("^paas_[0-9A-Za-z]{43}$", token);
        var caller = _tokens.Authenticate(token);
        Assert.NotNull(caller);
        Assert.Equal(("admin", _user), (caller.Name, caller.UserId));
        Assert.Equal(caller, _tokens.Authenticate(token));
        Assert.Equal("ci", _tokens.NameOf(caller.TokenId));
    }

    [Fact]
    public void Tokens_are_not_in_the_database()
    {
        var token = _tokens.Create(_user, "ci");

        using var connection = _temp.Database.Open();
        Assert.Equal(32, connection.QuerySingle<byte[]>("SELECT hash FROM tokens").Length);
        connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        Assert.DoesNotContain(token, File.ReadAllText(_temp.Home.DatabaseFile, Encoding.Latin1), StringComparison.Ordinal);
    }

    [Fact]
    public void A_revoked_token_opens_nothing_even_when_it_was_just_used()
    {
        var token = _tokens.Create(_user, "ci");
        Assert.NotNull(_tokens.Authenticate(token));

        Assert.True(_tokens.Revoke(_user, "ci"));

        Assert.Null(_tokens.Authenticate(token));
        Assert.False(_tokens.Revoke(_user, "ci"));
    }

    [Fact]
    public void A_replaced_token_opens_nothing()
    {
        var old = _tokens.Replace(_user, "cli");
        Assert.NotNull(_tokens.Authenticate(old));

        var fresh = _tokens.Replace(_user, "cli");

        Assert.Null(_tokens.Authenticate(old));
        Assert.NotNull(_tokens.Authenticate(fresh));
        Assert.Single(_tokens.List(_user));
    }

    [Theory]
    [InlineData("")]
    [InlineData("paas_")]
    [InlineData("paas_0000000000000000000000000000000000000000000")]
    [InlineData("other")]
    public void What_is_no_token_authenticates_nobody(string token) => Assert.Null(_tokens.Authenticate(token));

    [Fact]
    public void Use_is_noted_at_most_once_a_minute()
    {
        var token = _tokens.Create(_user, "ci");
        Assert.Null(_tokens.List(_user)[0].LastUsedAt);

        _tokens.Authenticate(token);
        var first = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(50));
        _tokens.Authenticate(token);
        Assert.Equal(first, _tokens.List(_user)[0].LastUsedAt);

        _time.Advance(TimeSpan.FromSeconds(10));
        _tokens.Authenticate(token);
        Assert.Equal(_time.GetUtcNow(), _tokens.List(_user)[0].LastUsedAt);
    }

    [Fact]
    public void A_name_is_given_once()
    {
        _tokens.Create(_user, "ci");
        Assert.Equal("token_name_taken", Assert.Throws<UserError>(() => _tokens.Create(_user, "ci")).Code);
        Assert.Equal("token_name_invalid", Assert.Throws<UserError>(() => _tokens.Create(_user, "a b")).Code);
        Assert.Equal("token_name_invalid", Assert.Throws<UserError>(() => _tokens.Create(_user, null)).Code);
    }
}
