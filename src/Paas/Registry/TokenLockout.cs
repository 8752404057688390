using Paas.Accounts;
using Paas.Accounts.SignIn;

namespace Paas.Registry;

/// <summary>Counts wrong credentials by user name and address, as signing in by password does; who sends too many is told to wait.</summary>
/// <remarks>Right credentials are always let in. A token has 256 random bits: no number of tries finds one, so keeping its owner out, who may
/// share the user name or the address with a CI job that was left with a revoked one, would serve nobody.</remarks>
internal sealed class TokenLockout(AccountStore accounts, IEnumerable<RegistryNoted> noted, TimeProvider time)
{
    private readonly SignInLimits _limits = new(time);
    private readonly Lock _gate = new();
    private DateTimeOffset _toldAt = DateTimeOffset.MinValue;

    /// <param name="user">As the client calls itself; "" with a bearer token.</param>
    /// <exception cref="RegistryError">TOOMANYREQUESTS.</exception>
    public void Wrong(HttpContext context, string user)
    {
        var address = ClientAddress.Of(context);
        if (_limits.Begin($"{user}\n{address}", address) is not { } until)
        {
            return;
        }

        Tell(user, address);
        throw RegistryError.Locked(until - time.GetUtcNow());
    }

    /// <summary>The log gets one entry in a minute at most: strangers choose the names.</summary>
    private void Tell(string user, string address)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (now - _toldAt < TimeSpan.FromMinutes(1))
            {
                return;
            }

            _toldAt = now;
        }

        if (accounts.TeamToTell(user) is { } team)
        {
            foreach (var tell in noted)
            {
                tell(new RegistryNote(team, null, "platform", "registry.locked", $"Too many wrong credentials came to the registry from {address}: it takes no more for a while"));
            }
        }
    }
}
