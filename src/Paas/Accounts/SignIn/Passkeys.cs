using System.Globalization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Paas.Accounts.SignIn;

/// <summary>Passkeys (WebAuthn level 3): the two ceremonies, of which Identity's handler does the cryptography.</summary>
internal sealed class Passkeys(PasskeyStore store, PasskeyTickets tickets, ILogger<UserManager<PasskeyUser>> logger)
{
    private const string ToSignIn = "sign in";

    private readonly PasskeyHandler<PasskeyUser> _handler = new(
        new UserManager<PasskeyUser>(store, null!, null!, [], [], null!, null!, null!, logger),
        Options.Create(new IdentityPasskeyOptions
        {
            // A passkey is the only proof here, so the device has to ask for a finger or a PIN, and the browser has to find it without a name.
            UserVerificationRequirement = "required",
            ResidentKeyRequirement = "required",
            AttestationConveyancePreference = "none",
            // An app below the platform's name may use the platform's id (WebAuthn, 5.1.2), but its origin betrays it.
            ValidateOrigin = context => ValueTask.FromResult(!context.CrossOrigin && context.TopOrigin is null && SameOrigin.IsOwn(context.Origin, context.HttpContext.Request.Host)),
        }));

    public IReadOnlyList<PasskeyRow> List(long userId) => store.List(userId);

    /// <inheritdoc cref="PasskeyStore.Remove"/>
    public string? Remove(long userId, long id) => store.Remove(userId, id);

    /// <summary>What the browser needs to make a passkey for the user.</summary>
    public async Task<PasskeyCeremony> BeginMakingAsync(Caller caller, HttpContext http)
    {
        var id = Id(caller.UserId);
        var made = await _handler.MakeCreationOptionsAsync(new PasskeyUserEntity { Id = id, Name = caller.Name, DisplayName = caller.Name }, http);
        return new PasskeyCeremony(tickets.Seal(ToMakeFor(id), made.AttestationState ?? ""), made.CreationOptionsJson);
    }

    /// <param name="name">For the list.</param>
    /// <param name="credential">What the browser made, as JSON.</param>
    /// <returns>False when it does not fit its ticket, whatever the reason.</returns>
    public async Task<bool> MakeAsync(Caller caller, string name, string ticket, string credential, HttpContext http)
    {
        var user = new PasskeyUser(Id(caller.UserId), caller.Name);
        if (tickets.Open(ToMakeFor(user.Id), ticket) is not { } state)
        {
            return false;
        }

        var result = await _handler.PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = http, CredentialJson = credential, AttestationState = state });
        if (!result.Succeeded || result.UserEntity.Id != user.Id || !tickets.UseUp(ticket))
        {
            return false;
        }

        result.Passkey.Name = name;
        await store.AddOrUpdatePasskeyAsync(user, result.Passkey, http.RequestAborted);
        return true;
    }

    /// <summary>What the browser needs to offer its passkeys for this platform; it names no user.</summary>
    public async Task<PasskeyCeremony> BeginSigningInAsync(HttpContext http)
    {
        var made = await _handler.MakeRequestOptionsAsync(null, http);
        return new PasskeyCeremony(tickets.Seal(ToSignIn, made.AssertionState ?? ""), made.RequestOptionsJson);
    }

    /// <summary>Whose passkey it is; null when it is nobody's, or does not fit its ticket.</summary>
    public async Task<long?> SignInAsync(string ticket, string credential, HttpContext http)
    {
        if (tickets.Open(ToSignIn, ticket) is not { } state)
        {
            return null;
        }

        var result = await _handler.PerformAssertionAsync(new PasskeyAssertionContext { HttpContext = http, CredentialJson = credential, AssertionState = state });
        if (!result.Succeeded || !tickets.UseUp(ticket))
        {
            return null;
        }

        await store.AddOrUpdatePasskeyAsync(result.User, result.Passkey, http.RequestAborted);
        return long.Parse(result.User.Id, CultureInfo.InvariantCulture);
    }

    private static string Id(long userId) => userId.ToString(CultureInfo.InvariantCulture);

    private static string ToMakeFor(string userId) => $"make for {userId}";
}

/// <param name="Ticket">Comes back with what the browser answers.</param>
/// <param name="Options">JSON, for navigator.credentials.</param>
internal sealed record PasskeyCeremony(string Ticket, string Options);
