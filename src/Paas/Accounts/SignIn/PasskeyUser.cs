namespace Paas.Accounts.SignIn;

/// <summary>A user as Identity's passkey handler knows them.</summary>
/// <param name="Id">The user's number as text; it is the credential's user handle.</param>
internal sealed record PasskeyUser(string Id, string Name);
