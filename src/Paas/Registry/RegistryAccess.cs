using Paas.Accounts;
using Paas.Apps;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>Who may use which repository.</summary>
internal sealed class RegistryAccess(Tokens tokens, AppStore apps)
{
    /// <summary>Null: the token is unknown or revoked.</summary>
    public Caller? Authenticate(string token) => tokens.Authenticate(token);

    /// <summary>What the name means to the caller; null: it is another team's, which is answered as unknown (trust rule 5).</summary>
    /// <remarks>A name whose first part is no app's stands alone.</remarks>
    public RepositoryKey? Resolve(Caller caller, RepositoryName name)
    {
        if (apps.Find(caller.TeamId, name.First) is { } app)
        {
            return RepositoryKey.OfApp(caller.TeamId, app.Id, name.Rest);
        }

        return apps.IsTaken(name.First) ? null : RepositoryKey.Alone(caller.TeamId, name);
    }
}
