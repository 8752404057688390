using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.DataProtection;

namespace Paas.Accounts.SignIn;

/// <summary>Carries the challenge of a passkey ceremony through the browser, sealed, for 5 minutes. Only a ceremony that succeeded is
/// remembered, so that its ticket works once and strangers who ask for challenges take no memory.</summary>
internal sealed class PasskeyTickets(IDataProtectionProvider protection, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _used = new(StringComparer.Ordinal);

    /// <param name="purpose">"sign in", or whose passkey is to be made: a ticket for one thing is worthless for another.</param>
    public string Seal(string purpose, string state)
    {
        var until = (time.GetUtcNow() + Lifetime).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        return Protector(purpose).Protect($"{until} {state}");
    }

    /// <summary>Null when the ticket is old, used, for something else, or not ours.</summary>
    public string? Open(string purpose, string ticket)
    {
        try
        {
            return Protector(purpose).Unprotect(ticket).Split(' ', 2) is [var until, var state]
                && long.Parse(until, CultureInfo.InvariantCulture) > time.GetUtcNow().ToUnixTimeMilliseconds()
                && !_used.ContainsKey(KeyOf(ticket))
                ? state
                : null;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }

    /// <summary>False when somebody else was first.</summary>
    public bool UseUp(string ticket)
    {
        var now = time.GetUtcNow();
        foreach (var (key, until) in _used)
        {
            if (until <= now)
            {
                _used.TryRemove(key, out _);
            }
        }

        return _used.TryAdd(KeyOf(ticket), now + Lifetime);
    }

    private static string KeyOf(string ticket) => Convert.ToHexStringLower(Secret.Hash(ticket));

    private IDataProtector Protector(string purpose) => protection.CreateProtector("passkey", purpose);
}
