using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Dapper;
using Paas.Accounts;
using Paas.State;

namespace Paas.Registry;

/// <summary>Tokens that open nothing but the registry: those of CI with rights by pattern, and those of the platform's servers.</summary>
/// <remarks>Kept as <see cref="Tokens"/> keeps its own: sha256 only, and what authenticated is remembered until one is revoked.</remarks>
internal sealed partial class RobotTokens(Database database, IEnumerable<RegistryNoted> noted, TimeProvider time)
{
    /// <summary>Not that of API tokens: API and git refuse it by its looks.</summary>
    private const string Prefix = "paasr_";

    private const int MostPatterns = 20;

    private static readonly TimeSpan UseNotedEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    private volatile ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameGrammar { get; }

    /// <summary>A new token of the caller's team; this is the only time it can be read.</summary>
    /// <param name="lifetime">Null: it does not expire.</param>
    /// <exception cref="UserError">robot_name_invalid, robot_name_taken, robot_pattern_invalid, robot_rights_missing or robot_expiry_invalid.</exception>
    public (RobotToken Token, string Secret) Create(Caller caller, string? name, IReadOnlyList<string> patterns, RegistryRights rights, TimeSpan? lifetime)
    {
        if (patterns.Count is 0 or > MostPatterns || patterns.FirstOrDefault(pattern => !RobotPattern.IsGood(pattern)) is not null)
        {
            throw new UserError(
                "robot_pattern_invalid", 400, $"A token is for 1 to {MostPatterns} repositories, each by its name or a pattern with '*' for any characters: 'hello', 'hello/*' or 'ci-*'.");
        }

        if (rights == RegistryRights.None)
        {
            throw new UserError("robot_rights_missing", 400, "Say what the token may do: pull, push or delete, or several of them.");
        }

        var created = Insert(caller, name, "robot", patterns, rights, lifetime);
        Tell(caller, "registry.token_created", $"Made the registry token {name}: {rights.Words()} on {string.Join(' ', patterns)}");
        return created;
    }

    /// <summary>A token of a server of the platform: it pulls the images of what runs there, as it is at that moment.</summary>
    public (RobotToken Token, string Secret) CreateForNode(Caller caller, string? node)
    {
        var created = Insert(caller, node, "node", [], RegistryRights.Pull, null);
        Tell(caller, "registry.token_created", $"Made the registry token of the node {node}");
        return created;
    }

    public IReadOnlyList<RobotToken> List(long teamId) => Read("team_id = @teamId ORDER BY name", new { teamId });

    /// <summary>From now on it opens nothing, nor does what was made from it. False when the team has none of that name.</summary>
    public bool Revoke(Caller caller, string name)
    {
        using (var transaction = database.Begin())
        {
            if (transaction.Execute("DELETE FROM robot_tokens WHERE team_id = @TeamId AND name = @name", new { caller.TeamId, name }) == 0)
            {
                return false;
            }

            transaction.Commit();
        }

        Forget();
        Tell(caller, "registry.token_revoked", $"Revoked the registry token {name}");
        return true;
    }

    /// <summary>Null when the token is unknown, revoked or expired.</summary>
    public RobotToken? Authenticate(string token)
    {
        if (token.Length != Prefix.Length + Secret.Letters || !token.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var hash = Secret.Hash(token);
        return Living(Convert.ToHexString(hash), "hash = @hash", new { hash });
    }

    /// <summary>By its number, for what was made from it; null when it is revoked or expired.</summary>
    public RobotToken? Find(long id) => Living($"#{id}", "id = @id", new { id });

    private RobotToken? Living(string key, string where, object parameters)
    {
        var cache = _known;
        if (!cache.TryGetValue(key, out var known))
        {
            if (Read(where, parameters) is not [var token])
            {
                return null;
            }

            // Into the cache as it was before the query: one that a revocation replaced meanwhile is forgotten with this entry.
            known = cache.GetOrAdd(key, new Known(token));
        }

        if (known.Token.ExpiresAt <= time.GetUtcNow())
        {
            return null;
        }

        NoteUse(known);
        return known.Token;
    }

    private (RobotToken Token, string Secret) Insert(Caller caller, string? name, string kind, IReadOnlyList<string> patterns, RegistryRights rights, TimeSpan? lifetime)
    {
        if (name is null || !NameGrammar.IsMatch(name))
        {
            throw new UserError("robot_name_invalid", 400, "A token's name has 1 to 63 letters, digits, '.', '_', '@' or '-' and begins with a letter or digit.");
        }

        if (lifetime is { } span && (span <= TimeSpan.Zero || span > Longest))
        {
            throw new UserError("robot_expiry_invalid", 400, "A token lasts from a second to ten years: say '90d', or nothing for one that does not expire.");
        }

        var secret = Prefix + Secret.Next();
        var now = time.GetUtcNow();
        using var transaction = database.Begin();
        if (transaction.Scalar<long>("SELECT count(*) FROM robot_tokens WHERE team_id = @TeamId AND name = @name", new { caller.TeamId, name }) > 0)
        {
            throw new UserError("robot_name_taken", 409, $"There is a registry token named '{name}' already: choose another name, or revoke that one first.");
        }

        var id = transaction.Scalar<long>(
            """
            INSERT INTO robot_tokens(team_id, user_id, name, kind, patterns, can_pull, can_push, can_delete, hash, created_at, expires_at)
            VALUES (@TeamId, @UserId, @name, @kind, @patterns, @pull, @push, @delete, @hash, @now, @expires) RETURNING id
            """,
            new
            {
                caller.TeamId,
                caller.UserId,
                name,
                kind,
                patterns = string.Join(' ', patterns),
                pull = rights.HasFlag(RegistryRights.Pull),
                push = rights.HasFlag(RegistryRights.Push),
                delete = rights.HasFlag(RegistryRights.Delete),
                hash = Secret.Hash(secret),
                now,
                expires = now + lifetime,
            });
        transaction.Commit();
        return (new RobotToken(id, caller.TeamId, caller.UserId, name, kind == "node", patterns, rights, now, now + lifetime, null), secret);
    }

    private List<RobotToken> Read(string where, object parameters)
    {
        using var connection = database.Open();
        return [.. connection.Query<Row>($"SELECT * FROM robot_tokens WHERE {where}", parameters).Select(static row => row.ToToken())];
    }

    private void NoteUse(Known known)
    {
        var now = time.GetUtcNow();
        if (now.UtcTicks - Interlocked.Read(ref known.UsedAt) < UseNotedEvery.Ticks)
        {
            return;
        }

        Interlocked.Exchange(ref known.UsedAt, now.UtcTicks);
        using var connection = database.Open();
        connection.Execute("UPDATE robot_tokens SET last_used_at = @now WHERE id = @Id", new { now, known.Token.Id });
    }

    private void Forget()
    {
        _known = new(StringComparer.Ordinal);

        // The commit was counted when this still knew the token.
        database.Epoch?.Raise();
    }

    private void Tell(Caller caller, string action, string text)
    {
        foreach (var tell in noted)
        {
            tell(new RegistryNote(caller.TeamId, null, caller.Name, action, text));
        }
    }

    /// <summary>A token that authenticated.</summary>
    private sealed class Known(RobotToken token)
    {
        /// <summary>Ticks, as the database has it give or take a minute.</summary>
        public long UsedAt = token.LastUsedAt?.UtcTicks ?? 0;

        public RobotToken Token { get; } = token;
    }

    private sealed class Row
    {
        public long Id { get; init; }

        public long TeamId { get; init; }

        public long UserId { get; init; }

        public string Name { get; init; } = "";

        public string Kind { get; init; } = "";

        public string Patterns { get; init; } = "";

        public bool CanPull { get; init; }

        public bool CanPush { get; init; }

        public bool CanDelete { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset? ExpiresAt { get; init; }

        public DateTimeOffset? LastUsedAt { get; init; }

        public RobotToken ToToken() => new(
            Id,
            TeamId,
            UserId,
            Name,
            Kind == "node",
            Patterns.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            (CanPull ? RegistryRights.Pull : 0) | (CanPush ? RegistryRights.Push : 0) | (CanDelete ? RegistryRights.Delete : 0),
            CreatedAt,
            ExpiresAt,
            LastUsedAt);
    }
}
