using Dapper;
using Paas.Client;
using Paas.State;

namespace Paas.Accounts.SignIn;

/// <summary>Browsers that are signed in: 30 days after the last visit a session ends, and 90 days after it began in any case.</summary>
/// <remarks>Those in use are held in memory, so that a request costs no query; control is the only process that writes sessions.</remarks>
internal sealed class Sessions(Database database, TimeProvider time)
{
    private static readonly TimeSpan SeenNotedEvery = TimeSpan.FromMinutes(1);

    private const string Columns = "sessions.id, sessions.user_id, users.name, sessions.team_id, method, user_agent, address, sessions.created_at, last_seen_at";

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Session> _byId = [];
    private readonly Dictionary<string, Session> _byHash = new(StringComparer.Ordinal);

    /// <summary>Always a new secret, whatever the browser brought along: nobody else can have chosen it (session fixation).</summary>
    /// <param name="userAgent">As the browser says; null when it does not.</param>
    /// <returns>The session, and the cookie's value, which is kept nowhere.</returns>
    public (Session Session, string Secret) Begin(long userId, string method, string? userAgent, string address)
    {
        var secret = Secret.Next();
        var now = time.GetUtcNow();
        using var transaction = database.Begin();
        transaction.Execute(
            "DELETE FROM sessions WHERE created_at <= @longAgo OR last_seen_at <= @unseen", new { longAgo = now - Session.Longest, unseen = now - Session.Idle });
        var row = transaction.One<Row>(
            "INSERT INTO sessions(team_id, user_id, hash, method, user_agent, address, created_at, last_seen_at) "
            + "SELECT team_id, id, @hash, @method, @userAgent, @address, @now, @now FROM users WHERE id = @userId "
            + "RETURNING id, user_id, (SELECT name FROM users WHERE users.id = user_id) AS name, team_id, method, user_agent, address, created_at, last_seen_at",
            new { hash = Secret.Hash(secret), method, userAgent = Printable.Cut(userAgent, 200), address, now, userId })!;
        transaction.Commit();
        return (row.ToSession(), secret);
    }

    /// <summary>The session of a cookie's value, noted as seen now. Null when there is none, or no longer.</summary>
    public Session? Find(string secret)
    {
        if (secret.Length != Secret.Letters)
        {
            return null;
        }

        var hash = Secret.Hash(secret);
        var key = Convert.ToHexStringLower(hash);
        lock (_gate)
        {
            return Seen(_byHash.GetValueOrDefault(key) ?? Load("hash = @hash", new { hash }, key));
        }
    }

    /// <summary>The same by its number.</summary>
    public Session? Find(long id)
    {
        lock (_gate)
        {
            return Seen(_byId.GetValueOrDefault(id) ?? Load("sessions.id = @id", new { id }, null));
        }
    }

    /// <summary>Last seen first.</summary>
    /// <param name="current">The one that asks; null: none of them.</param>
    public IReadOnlyList<SessionView> List(long userId, long? current)
    {
        var now = time.GetUtcNow();
        using var connection = database.Open();
        return [.. connection.Query<Row>($"SELECT {Columns} FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.user_id = @userId ORDER BY last_seen_at DESC, sessions.id DESC", new { userId })
            .Where(row => row.ToSession().IsAliveAt(now))
            .Select(row => new SessionView(row.Id, Device.Of(row.UserAgent), row.Address, row.Method, row.CreatedAt, row.LastSeenAt, row.Id == current))];
    }

    /// <summary>From now on the session opens nothing. False when the user has none of that number.</summary>
    public bool End(long userId, long id) => End("user_id = @userId AND id = @id", new { userId, id }) > 0;

    /// <param name="except">Stays; null: all end.</param>
    /// <returns>How many ended.</returns>
    public int EndAll(long userId, long? except) => End("user_id = @userId AND id IS NOT @except", new { userId, except });

    private int End(string where, object parameters)
    {
        List<Session> ended = [];
        int count;
        lock (_gate)
        {
            using var transaction = database.Begin();
            var ids = transaction.All<long>($"DELETE FROM sessions WHERE {where} RETURNING id", parameters);
            transaction.Commit();
            count = ids.Count;
            foreach (var id in ids)
            {
                if (_byId.Remove(id, out var session))
                {
                    ended.Add(session);
                }
            }

            foreach (var (key, _) in _byHash.Where(item => ended.Contains(item.Value)).ToList())
            {
                _byHash.Remove(key);
            }
        }

        // Outside the lock: whoever waits for the end may ask for sessions.
        ended.ForEach(session => session.End());
        return count;
    }

    private Session? Load(string where, object parameters, string? key)
    {
        using var connection = database.Open();
        if (connection.QuerySingleOrDefault<Row>($"SELECT {Columns} FROM sessions JOIN users ON users.id = sessions.user_id WHERE {where}", parameters) is not { } row)
        {
            return null;
        }

        // One object for a session, whichever way it was found: its end must reach everybody who holds it.
        if (!_byId.TryGetValue(row.Id, out var session))
        {
            _byId[row.Id] = session = row.ToSession();
        }

        if (key is not null)
        {
            _byHash[key] = session;
        }

        return session;
    }

    private Session? Seen(Session? session)
    {
        var now = time.GetUtcNow();
        if (session is null || !session.IsAliveAt(now))
        {
            return null;
        }

        if (now - session.LastSeenAt >= SeenNotedEvery)
        {
            session.LastSeenAt = now;
            using var connection = database.Open();
            connection.Execute("UPDATE sessions SET last_seen_at = @now WHERE id = @Id", new { now, session.Id });
        }

        return session;
    }

    private sealed class Row
    {
        public long Id { get; init; }

        public long UserId { get; init; }

        public string Name { get; init; } = "";

        public long TeamId { get; init; }

        public string Method { get; init; } = "";

        public string UserAgent { get; init; } = "";

        public string Address { get; init; } = "";

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset LastSeenAt { get; init; }

        public Session ToSession() => new(new Caller(UserId, Name, TeamId, 0, Id), Method, CreatedAt, LastSeenAt);
    }
}
