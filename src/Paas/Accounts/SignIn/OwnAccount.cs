using Microsoft.AspNetCore.Http.HttpResults;
using Paas.Dashboard.Pages.Account;
using Paas.State;

namespace Paas.Accounts.SignIn;

/// <summary>What one may change about how one signs in, and when one has to prove again who one is.</summary>
internal sealed class OwnAccount(SignIns signIns, Sessions sessions, Passwords passwords, Passkeys passkeys, TimeProvider time)
{
    /// <summary>Whoever finds a browser open must not make a way in that stays.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(15);

    /// <param name="done">What has just worked; null: nothing.</param>
    /// <param name="problem">What has not.</param>
    public RazorComponentResult Page(Caller caller, string? done, UserError? problem) => AccountPages.Account(
        new AccountModel(
            caller.Name,
            passwords.Has(caller.UserId),
            passwords.Has(caller.UserId) && !SignedInAnotherWay(caller),
            IsFresh(caller),
            [.. passkeys.List(caller.UserId).Select(row => new PasskeyItem(row.Id, row.Name, row.CreatedAt, row.LastUsedAt))],
            sessions.List(caller.UserId, caller.SessionId),
            done,
            problem?.Message),
        problem?.Status ?? StatusCodes.Status200OK);

    /// <summary>Signs out everywhere else: whoever knew the old password is out.</summary>
    /// <exception cref="UserError">password_current_wrong, password_differs, password_locked, or those of <see cref="Passwords.SetAsync"/>.</exception>
    public async Task SetPasswordAsync(Caller caller, string current, string password, string again, string address, CancellationToken cancellationToken)
    {
        if (password != again)
        {
            throw new UserError("password_differs", 400, "The two new passwords are not the same: type both again.");
        }

        if (passwords.Has(caller.UserId) && !SignedInAnotherWay(caller))
        {
            await CheckCurrentAsync(caller, current, address, cancellationToken);
        }
        else if (!IsFresh(caller))
        {
            throw NotFresh();
        }

        await passwords.SetAsync(caller, password, cancellationToken);
        signIns.EndElsewhere(caller);
        signIns.Note(caller, "password.set", "set a password, which signed them out everywhere else");
    }

    /// <exception cref="UserError">sign_in_again.</exception>
    public Task<PasskeyCeremony> BeginPasskeyAsync(Caller caller, HttpContext http) => IsFresh(caller) ? passkeys.BeginMakingAsync(caller, http) : throw NotFresh();

    /// <exception cref="UserError">sign_in_again or passkey_refused.</exception>
    public async Task AddPasskeyAsync(Caller caller, string ticket, string credential, HttpContext http)
    {
        if (!IsFresh(caller))
        {
            throw NotFresh();
        }

        var name = Device.Of(http.Request.Headers.UserAgent.ToString());
        if (!await passkeys.MakeAsync(caller, name, ticket, credential, http))
        {
            throw new UserError("passkey_refused", 400, "The passkey was not added: your device's answer does not fit, or the page was open for too long. Try again.");
        }

        signIns.Note(caller, "passkey.added", $"added a passkey ({name})");
    }

    public void RemovePasskey(Caller caller, long id)
    {
        if (passkeys.Remove(caller.UserId, id) is { } name)
        {
            signIns.Note(caller, "passkey.removed", $"removed a passkey ({name})");
        }
    }

    private async Task CheckCurrentAsync(Caller caller, string current, string address, CancellationToken cancellationToken)
    {
        var tried = await passwords.TryAsync(caller.Name, current, address, cancellationToken);
        if (tried.LockedUntil is { } until)
        {
            throw new UserError("password_locked", 429, FormattableString.Invariant($"Too many wrong passwords: none is taken until {until:HH:mm} UTC. Sign in by a one-time link to set a new one now."));
        }

        if (tried.UserId != caller.UserId)
        {
            throw new UserError("password_current_wrong", 400, "The current password is wrong. If you have forgotten it, sign in by a one-time link and set a new one within 15 minutes.");
        }
    }

    /// <summary>A link or a passkey just now proves as much as the password does.</summary>
    private bool SignedInAnotherWay(Caller caller) => IsFresh(caller) && sessions.Find(caller.SessionId!.Value) is { Method: "link" or "passkey" };

    private bool IsFresh(Caller caller) => caller.SessionId is { } id && sessions.Find(id) is { } session && time.GetUtcNow() - session.CreatedAt < Fresh;

    private static UserError NotFresh() =>
        new("sign_in_again", 403, "You signed in more than 15 minutes ago. Sign out and in again, then repeat this: so that nobody else can who finds your browser open.");
}
