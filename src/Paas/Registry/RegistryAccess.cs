using Paas.Accounts;
using Paas.Apps;

namespace Paas.Registry;

/// <summary>What the registry asks of accounts and apps.</summary>
/// <param name="Authenticate">Null: the token is unknown or revoked.</param>
/// <param name="FindApp">By team and name; null: the team has no such app.</param>
internal sealed record RegistryAccess(Func<string, Caller?> Authenticate, Func<long, string, App?> FindApp);
