using System.Diagnostics.CodeAnalysis;

namespace Paas.Accounts.SignIn;

/// <summary>One browser that is signed in.</summary>
/// <param name="method">How it was signed in: "link", "password" or "passkey".</param>
[SuppressMessage("Design", "CA1001", Justification = "Without a timer or a wait handle there is nothing to free, and watchers may outlive the session.")]
internal sealed class Session(Caller caller, string method, DateTimeOffset createdAt, DateTimeOffset lastSeenAt)
{
    public static readonly TimeSpan Idle = TimeSpan.FromDays(30);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(90);

    private readonly CancellationTokenSource _ended = new();

    public long Id => caller.SessionId!.Value;

    public Caller Caller => caller;

    public string Method => method;

    public DateTimeOffset CreatedAt => createdAt;

    /// <summary>As the database has it, give or take a minute; <see cref="Sessions"/> writes it.</summary>
    public DateTimeOffset LastSeenAt { get; set; } = lastSeenAt;

    /// <summary>At the latest, whatever happens: the cookie is kept until then.</summary>
    public DateTimeOffset LastsUntil => createdAt + Longest;

    /// <summary>Cancelled when the session is revoked: what was opened with it is closed then.</summary>
    public CancellationToken Ended => _ended.Token;

    public bool IsAliveAt(DateTimeOffset now) => now - LastSeenAt < Idle && now < LastsUntil;

    /// <summary>Called once, by <see cref="Sessions"/>.</summary>
    public void End() => _ended.Cancel();
}
