using Dapper;
using Paas.Accounts;
using Paas.State;

namespace Paas.Registry;

/// <summary>What docker keeps after "docker login" in place of the password: a token that gets others, until the one that it was made with is revoked.</summary>
internal sealed class OfflineTokens(Database database, Tokens tokens, RobotTokens robots, TimeProvider time)
{
    private const string Prefix = "paaso_";

    /// <summary>Sign-ins with one token, of one laptop and another: a script that signs in each time would leave one behind each time.</summary>
    private const int MostPerToken = 20;
    private const int LongestClient = 100;

    private static readonly TimeSpan UnusedAtMost = TimeSpan.FromDays(180);

    /// <summary>Null: who asks has no token that it could go with.</summary>
    public string? Create(RegistryCaller caller, string client)
    {
        var (token, robot) = caller switch
        {
            RegistryCaller.User { Caller.TokenId: > 0 and var id } => ((long?)id, (long?)null),
            RegistryCaller.Robot { Token.Id: var id } => (null, id),
            _ => (null, null),
        };
        if (token is null && robot is null)
        {
            return null;
        }

        var secret = Prefix + Secret.Next();
        var now = time.GetUtcNow();
        var row = new { token, robot, hash = Secret.Hash(secret), client = client.Length > LongestClient ? client[..LongestClient] : client, now, old = now - UnusedAtMost, kept = MostPerToken };
        using var transaction = database.Begin();
        transaction.Execute("INSERT INTO offline_tokens(token_id, robot_id, hash, client, created_at, last_used_at) VALUES (@token, @robot, @hash, @client, @now, @now)", row);
        transaction.Execute("DELETE FROM offline_tokens WHERE last_used_at < @old", row);
        transaction.Execute(
            "DELETE FROM offline_tokens WHERE id IN (SELECT id FROM offline_tokens WHERE token_id IS @token AND robot_id IS @robot ORDER BY last_used_at DESC, id DESC LIMIT -1 OFFSET @kept)",
            row);
        transaction.Commit();
        return secret;
    }

    /// <summary>Null when it is unknown, or what it was made with is revoked or expired.</summary>
    public RegistryCaller? Authenticate(string secret)
    {
        if (secret.Length != Prefix.Length + Secret.Letters || !secret.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        using var connection = database.Open();
        var row = connection.QuerySingleOrDefault<Row>(
            "UPDATE offline_tokens SET last_used_at = @now WHERE hash = @hash RETURNING token_id, robot_id", new { hash = Secret.Hash(secret), now = time.GetUtcNow() });
        return row switch
        {
            { TokenId: { } id } => tokens.HashStart(id) is { } start && tokens.Find(id, start) is { } user ? new RegistryCaller.User(user) : null,
            { RobotId: { } id } => robots.Find(id) is { } robot ? BearerTokens.Of(robot) : null,
            _ => null,
        };
    }

    private sealed class Row
    {
        public long? TokenId { get; init; }

        public long? RobotId { get; init; }
    }
}
