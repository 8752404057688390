using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Dapper;
using Paas.Client;
using Paas.State;

namespace Paas.Accounts;

/// <summary>API tokens: the password of git and registry, the Bearer of the API.</summary>
/// <remarks>A token is random and shown once; the database has its sha256 only. What authenticated is remembered until a token
/// is revoked, so that a request costs no query; control is the only process that writes tokens.</remarks>
public sealed partial class Tokens(Database database, TimeProvider time)
{
    private const string Prefix = "paas_";

    /// <summary>Bytes; enough to tell two tokens apart.</summary>
    private const int StartLength = 8;

    private static readonly TimeSpan UseNotedEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private volatile ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameGrammar { get; }

    /// <summary>Null when the token is unknown or revoked.</summary>
    public Caller? Authenticate(string token)
    {
        if (token.Length != Prefix.Length + Secret.Letters || !token.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var hash = Secret.Hash(token);
        return Living(Convert.ToHexStringLower(hash), "hash = @hash", new { hash }, hash);
    }

    /// <summary>Whose token this is, for what was made from it; null when it is revoked.</summary>
    /// <param name="hashStart">See <see cref="HashStart"/>: tells it from a later token with its number.</param>
    internal Caller? Find(long tokenId, ReadOnlySpan<byte> hashStart) =>
        hashStart.Length == StartLength ? Living(string.Create(CultureInfo.InvariantCulture, $"#{tokenId}"), "tokens.id = @tokenId", new { tokenId }, hashStart) : null;

    /// <summary>The first bytes of the token's sha256; null when it is revoked.</summary>
    internal byte[]? HashStart(long tokenId)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<byte[]>("SELECT hash FROM tokens WHERE id = @tokenId", new { tokenId })?[..StartLength];
    }

    /// <summary>A new token of the user; this is the only time it can be read.</summary>
    /// <exception cref="UserError">token_name_invalid or token_name_taken.</exception>
    public string Create(long userId, string? name)
    {
        CheckName(name);
        using var transaction = database.Begin();
        if (transaction.Scalar<long>("SELECT count(*) FROM tokens WHERE user_id = @userId AND name = @name", new { userId, name }) > 0)
        {
            throw new UserError("token_name_taken", 409, $"You have a token named '{name}' already: choose another name, or revoke that one first.");
        }

        return Insert(transaction, userId, name!);
    }

    /// <summary>Like <see cref="Create"/>, in place of the token that had the name.</summary>
    public string Replace(long userId, string? name)
    {
        CheckName(name);
        using var transaction = database.Begin();
        transaction.Execute("DELETE FROM tokens WHERE user_id = @userId AND name = @name", new { userId, name });
        var token = Insert(transaction, userId, name!);
        Forget();
        return token;
    }

    public IReadOnlyList<TokenView> List(long userId)
    {
        using var connection = database.Open();
        return [.. connection.Query<TokenRow>("SELECT name, created_at, last_used_at FROM tokens WHERE user_id = @userId ORDER BY name", new { userId })
            .Select(row => new TokenView(row.Name, row.CreatedAt, row.LastUsedAt))];
    }

    /// <summary>From now on the token opens nothing. False when the user has none of that name.</summary>
    public bool Revoke(long userId, string name)
    {
        using var transaction = database.Begin();
        var revoked = transaction.Execute("DELETE FROM tokens WHERE user_id = @userId AND name = @name", new { userId, name }) > 0;
        transaction.Commit();
        Forget();
        return revoked;
    }

    /// <summary>Null when it was revoked.</summary>
    internal string? NameOf(long tokenId)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<string>("SELECT name FROM tokens WHERE id = @tokenId", new { tokenId });
    }

    private static void CheckName(string? name)
    {
        if (name is null || !NameGrammar.IsMatch(name))
        {
            throw new UserError("token_name_invalid", 400, "A token's name has 1 to 63 letters, digits, '.', '_', '@' or '-' and begins with a letter or digit.");
        }
    }

    private string Insert(Transaction transaction, long userId, string name)
    {
        var token = Prefix + Secret.Next();
        transaction.Execute(
            "INSERT INTO tokens(team_id, user_id, name, hash, created_at) SELECT team_id, id, @name, @hash, @now FROM users WHERE id = @userId",
            new { userId, name, hash = Secret.Hash(token), now = time.GetUtcNow() });
        transaction.Commit();
        return token;
    }

    private Caller? Living(string key, string where, object parameters, ReadOnlySpan<byte> hashStart)
    {
        var cache = _known;
        if (!cache.TryGetValue(key, out var known))
        {
            if (Load(where, parameters) is not { } loaded)
            {
                return null;
            }

            // Into the cache as it was before the query: one that a revocation replaced meanwhile is forgotten with this entry.
            known = cache.GetOrAdd(key, loaded);
        }

        if (!CryptographicOperations.FixedTimeEquals(known.Hash.AsSpan(0, hashStart.Length), hashStart))
        {
            return null;
        }

        NoteUse(known);
        return known.Caller;
    }

    private Known? Load(string where, object parameters)
    {
        using var connection = database.Open();
        var row = connection.QuerySingleOrDefault<CallerRow>(
            $"SELECT tokens.id AS token_id, users.id AS user_id, users.name, users.team_id, hash, last_used_at FROM tokens JOIN users ON users.id = user_id WHERE {where}",
            parameters);
        return row is null ? null : new Known(new Caller(row.UserId, row.Name, row.TeamId, row.TokenId), row.Hash, row.LastUsedAt ?? DateTimeOffset.MinValue);
    }

    private void NoteUse(Known known)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (now - known.UsedAt < UseNotedEvery)
            {
                return;
            }

            known.UsedAt = now;
        }

        using var connection = database.Open();
        connection.Execute("UPDATE tokens SET last_used_at = @now WHERE id = @TokenId", new { now, known.Caller.TokenId });
    }

    private void Forget()
    {
        _known = new(StringComparer.Ordinal);

        // The commit was counted when this still knew the token.
        database.Epoch?.Raise();
    }

    /// <summary>A token that authenticated.</summary>
    private sealed class Known(Caller caller, byte[] hash, DateTimeOffset usedAt)
    {
        public Caller Caller { get; } = caller;

        public byte[] Hash { get; } = hash;

        /// <summary>As the database has it, give or take a minute.</summary>
        public DateTimeOffset UsedAt { get; set; } = usedAt;
    }

    private sealed class CallerRow
    {
        public long TokenId { get; init; }

        public long UserId { get; init; }

        public string Name { get; init; } = "";

        public long TeamId { get; init; }

        public byte[] Hash { get; init; } = [];

        public DateTimeOffset? LastUsedAt { get; init; }
    }

    private sealed class TokenRow
    {
        public string Name { get; init; } = "";

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset? LastUsedAt { get; init; }
    }
}
