using System.Collections.Concurrent;
using System.Security.Claims;

namespace Paas.Accounts.SignIn;

/// <summary>API tokens for the dashboard: each belongs to a session, lives 15 minutes and in memory only, and ends with its session.
/// Whoever needs one longer makes the next while the session lives.</summary>
/// <remarks>git and the registry do not take them.</remarks>
internal sealed class SessionTokens(Sessions sessions, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private const string Prefix = "paas_session_";

    private readonly ConcurrentDictionary<string, Issued> _issued = new(StringComparer.Ordinal);

    /// <summary>For the signed-in user of a dashboard's request or circuit. Null: the session has ended, so they have to sign in again.</summary>
    public string? Mint(ClaimsPrincipal user) => Caller.Of(user).SessionId is { } session ? Mint(session) : null;

    /// <summary>Null: the session has ended.</summary>
    public string? Mint(long sessionId)
    {
        if (sessions.Find(sessionId) is not { } session)
        {
            return null;
        }

        var now = time.GetUtcNow();
        foreach (var (key, issued) in _issued)
        {
            if (issued.Until <= now || issued.Session.Ended.IsCancellationRequested)
            {
                _issued.TryRemove(key, out _);
            }
        }

        var token = Prefix + Secret.Next();
        _issued[KeyOf(token)] = new Issued(session, now + Lifetime);
        return token;
    }

    /// <summary>Null when the token is unknown or old, or its session has ended.</summary>
    public Session? Authenticate(string token) =>
        token.StartsWith(Prefix, StringComparison.Ordinal)
        && _issued.TryGetValue(KeyOf(token), out var issued)
        && time.GetUtcNow() is var now && now < issued.Until
        && !issued.Session.Ended.IsCancellationRequested
        && issued.Session.IsAliveAt(now)
            ? issued.Session
            : null;

    private static string KeyOf(string token) => Convert.ToHexStringLower(Secret.Hash(token));

    private sealed record Issued(Session Session, DateTimeOffset Until);
}
