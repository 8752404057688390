using System.Text;
using Dapper;
using Paas.Testing;

namespace Paas.Accounts.SignIn;

public sealed class SessionsTests : IDisposable
{
    private readonly TempHome _temp = new();
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Sessions _sessions;
    private readonly SessionTokens _tokens;
    private readonly long _user;

    public SessionsTests()
    {
        _sessions = new Sessions(_temp.Database, _time);
        _tokens = new SessionTokens(_sessions, _time);
        _user = new AccountStore(_temp.Database, _time).Bootstrap(null).Id;
    }

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_secret_names_its_session_and_is_not_in_the_database()
    {
        var (session, secret) = Begin();
        Assert.Same(_sessions.Find(secret), _sessions.Find(session.Id));
        Assert.Equal(("admin", _user, session.Id), (session.Caller.Name, session.Caller.UserId, session.Caller.SessionId));
        Assert.Equal(session.Id, new Sessions(_temp.Database, _time).Find(secret)?.Id);
        using var connection = _temp.Database.Open();
        connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        Assert.DoesNotContain(secret, File.ReadAllText(_temp.Home.DatabaseFile, Encoding.Latin1), StringComparison.Ordinal);
        Assert.Null(_sessions.Find(secret[..^1] + (secret[^1] == 'x' ? 'y' : 'x')));
        Assert.Null(_sessions.Find(""));
    }

    [Fact]
    public void It_ends_30_days_after_the_last_visit()
    {
        var (_, secret) = Begin();
        _time.Advance(TimeSpan.FromDays(29));
        Assert.NotNull(_sessions.Find(secret));
        _time.Advance(TimeSpan.FromDays(29));
        Assert.NotNull(new Sessions(_temp.Database, _time).Find(secret));
        _time.Advance(TimeSpan.FromDays(31));
        Assert.Null(_sessions.Find(secret));
        Assert.Null(new Sessions(_temp.Database, _time).Find(secret));
        Assert.Empty(_sessions.List(_user, null));
    }

    [Fact]
    public void It_ends_90_days_after_it_began_however_often_it_is_used()
    {
        var (session, secret) = Begin();
        for (var day = 0; day < 89; day++)
        {
            _time.Advance(TimeSpan.FromDays(1));
            Assert.NotNull(_sessions.Find(secret));
        }

        var token = _tokens.Mint(session.Id)!;
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Null(_sessions.Find(secret));
        Assert.Null(_tokens.Mint(session.Id));
        Assert.Null(_tokens.Authenticate(token));
    }

    [Fact]
    public void Being_seen_is_noted_at_most_once_a_minute()
    {
        var (_, secret) = Begin();
        var began = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(59));
        _sessions.Find(secret);
        Assert.Equal(began, _sessions.List(_user, null)[0].LastSeenAt);
        _time.Advance(TimeSpan.FromSeconds(1));
        _sessions.Find(secret);
        Assert.Equal(_time.GetUtcNow(), _sessions.List(_user, null)[0].LastSeenAt);
    }

    [Fact]
    public void An_ended_session_ends_its_tokens_and_tells_who_waits()
    {
        var (session, secret) = Begin();
        var token = _tokens.Mint(session.Id)!;
        Assert.Same(session.Caller, _tokens.Authenticate(token)!.Caller);
        var (other, _) = Begin();
        var held = _sessions.Find(session.Id)!;

        Assert.True(_sessions.End(_user, session.Id));

        Assert.True(held.Ended.IsCancellationRequested);
        Assert.Null(_sessions.Find(secret));
        Assert.Null(_tokens.Authenticate(token));
        Assert.Null(_tokens.Mint(session.Id));
        Assert.NotNull(_tokens.Mint(other.Id));
        Assert.False(_sessions.End(_user, session.Id));
    }

    [Fact]
    public void Nobody_ends_the_session_of_somebody_else()
    {
        var accounts = new AccountStore(_temp.Database, _time);
        var stranger = accounts.AddUser(accounts.AddTeam("strangers"), "eve");
        var (session, secret) = Begin();
        Assert.False(_sessions.End(stranger, session.Id));
        Assert.Equal(0, _sessions.EndAll(stranger, null));
        Assert.NotNull(_sessions.Find(secret));
        Assert.Empty(_sessions.List(stranger, null));
    }

    [Fact]
    public void A_number_is_never_given_out_again()
    {
        var (first, _) = Begin();
        _sessions.End(_user, first.Id);
        Assert.NotEqual(first.Id, Begin().Session.Id);
    }

    [Fact]
    public void All_end_but_the_one_that_asks()
    {
        var (here, _) = Begin();
        var (there, _) = Begin();
        Assert.Equal(1, _sessions.EndAll(_user, here.Id));
        Assert.NotNull(_sessions.Find(here.Id));
        Assert.Null(_sessions.Find(there.Id));
    }

    [Fact]
    public void A_token_of_a_session_lives_15_minutes_and_can_be_followed_by_another()
    {
        var (session, _) = Begin();
        var token = _tokens.Mint(session.Id)!;
        _time.Advance(TimeSpan.FromMinutes(14));
        var next = _tokens.Mint(session.Id)!;
        Assert.NotNull(_tokens.Authenticate(token));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(_tokens.Authenticate(token));
        Assert.NotNull(_tokens.Authenticate(next));
        Assert.Null(new SessionTokens(_sessions, _time).Authenticate(next));
    }

    private (Session Session, string Secret) Begin()
    {
        var (session, secret) = _sessions.Begin(_user, "link", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "192.0.2.7");
        return (_sessions.Find(session.Id)!, secret);
    }
}
