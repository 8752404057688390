using Dapper;
using Paas.Client;
using Paas.State;

namespace Paas.Accounts.SignIn;

/// <summary>One-time links into the dashboard: 15 minutes, single use.</summary>
internal sealed class SignInLinks(Database database, PlatformAddress address, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <summary>The only time the link can be read.</summary>
    public SignInLinkView Create(long userId)
    {
        var code = Secret.Next();
        var until = time.GetUtcNow() + Lifetime;
        using var transaction = database.Begin();
        transaction.Execute("DELETE FROM signin_links WHERE expires_at <= @now", new { now = time.GetUtcNow() });
        transaction.Execute(
            "INSERT INTO signin_links(team_id, user_id, hash, expires_at) SELECT team_id, id, @hash, @until FROM users WHERE id = @userId",
            new { hash = Secret.Hash(code), until, userId });
        transaction.Commit();
        return new SignInLinkView(new Uri(address.BaseUrl, $"/signin/{code}").ToString(), until);
    }

    /// <summary>The name of the user that the link signs in, without using it up. Null when it was used, is too old, or never was.</summary>
    public string? UserOf(string code)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<string>(
            "SELECT users.name FROM signin_links JOIN users ON users.id = user_id WHERE hash = @hash AND expires_at > @now",
            new { hash = Secret.Hash(code), now = time.GetUtcNow() });
    }

    /// <summary>Uses the link up; of two who come at once one gets it.</summary>
    /// <returns>The user's id; null as in <see cref="UserOf"/>.</returns>
    public long? Use(string code)
    {
        using var transaction = database.Begin();
        var user = transaction.Scalar<long?>(
            "DELETE FROM signin_links WHERE hash = @hash AND expires_at > @now RETURNING user_id", new { hash = Secret.Hash(code), now = time.GetUtcNow() });
        transaction.Commit();
        return user;
    }

    /// <summary>Ends all that the user has not used yet.</summary>
    public void Forget(long userId)
    {
        using var transaction = database.Begin();
        transaction.Execute("DELETE FROM signin_links WHERE user_id = @userId", new { userId });
        transaction.Commit();
    }
}
