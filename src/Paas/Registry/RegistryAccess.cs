using Dapper;
using Paas.Accounts;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>Ids of the apps that run on a node, so that its token pulls their images.</summary>
public delegate IReadOnlyCollection<long> AppsOfNode(string node);

/// <summary>What a repository's name means to a caller, and what they may do with it.</summary>
/// <param name="Key">Null: nothing that they could know of.</param>
internal readonly record struct RepositoryGrant(RepositoryKey? Key, RegistryRights Rights);

/// <summary>Who may use which repository (docs/decisions/registry-access.md). Whatever one may not pull looks as if it were not there (trust rule 5).</summary>
internal sealed class RegistryAccess(Database database, RegistryStore store, AccountStore accounts, TokenChallenge challenge, Upstreams upstreams, IEnumerable<AppsOfNode> nodes)
{
    /// <summary>The repository, for a request that needs these rights.</summary>
    /// <exception cref="RegistryError">UNAUTHORIZED: other credentials, or a token for it, could do more. NAME_UNKNOWN: one may not know of it.
    /// DENIED: one may do something there, but not this.</exception>
    public RepositoryKey Require(HttpContext context, RegistryCaller caller, RepositoryName name, RegistryRights needed)
    {
        var (key, rights) = Look(caller, name);
        if (key is { } found && rights.HasFlag(needed))
        {
            return caller.Scopes is null || caller.Scopes.Of(name).HasFlag(needed)
                ? found
                : throw RegistryError.Unauthorized(challenge.For(context, "insufficient_scope"));
        }

        if (caller is RegistryCaller.Nobody)
        {
            throw RegistryError.Unauthorized(challenge.For(context, caller.Scopes is null ? null : "insufficient_scope"));
        }

        if (key is not null && needed == RegistryRights.Push && upstreams.Of(name) is { } upstream)
        {
            throw RegistryError.OfAnother(name, upstream.Name);
        }

        throw key is not null ? RegistryError.NotAllowed(name, needed) : RegistryError.NameUnknown(name);
    }

    /// <summary>A repository that the caller may pull from, to mount a blob of it; without a key: as if it were not there.</summary>
    /// <returns>InScope: false when the caller's token was asked for other repositories only.</returns>
    public (RepositoryKey? Key, bool InScope) Source(RegistryCaller caller, RepositoryName name)
    {
        var (key, rights) = Look(caller, name);
        return (rights.HasFlag(RegistryRights.Pull) ? key : null, caller.Scopes is null || caller.Scopes.Of(name).HasFlag(RegistryRights.Pull));
    }

    /// <summary>Whether a list of the team's repositories shows the caller this one. Public ones of other teams are in nobody's list.</summary>
    public bool MayList(RegistryCaller caller, long teamId, RepositoryName name) => caller switch
    {
        RegistryCaller.User { Caller.TeamId: var team } => team == teamId,
        RegistryCaller.Robot { Token: var token } => token.TeamId == teamId && token.Of(name.ToString()).HasFlag(RegistryRights.Pull),
        RegistryCaller.Node => Look(caller, name).Rights.HasFlag(RegistryRights.Pull),
        _ => false,
    };

    /// <summary>What the name means to the caller and what they may do, whatever their token was asked for.</summary>
    public RepositoryGrant Look(RegistryCaller caller, RepositoryName name)
    {
        var row = Find(name);
        if (upstreams.Of(name) is not null)
        {
            return OfUpstream(caller, name, row);
        }

        // Somebody's repository was here before an app of another team took its name: it stays what the name means to them.
        if (row.AloneTeam is { } owner && (row.AppId is null || (owner == caller.TeamId && owner != row.AppTeam)))
        {
            return Of(caller, name, RepositoryKey.Alone(owner, name), row.AlonePublic);
        }

        if (row is { AppId: { } app, AppTeam: { } team })
        {
            if (team == row.AloneTeam && row.OwnId is null)
            {
                store.Adopt(RepositoryKey.OfApp(team, app, name.Rest), name);
                row.OwnPublic = row.AlonePublic;
            }

            return Of(caller, name, RepositoryKey.OfApp(team, app, name.Rest), row.OwnPublic);
        }

        return MayCreate(caller, name) is { } creator ? Of(caller, name, RepositoryKey.Alone(creator, name), isPublic: false) : default;
    }

    /// <summary>A cache of another registry is for every signed-in user, and for robots whose pattern says so. It is the administrators' to clear.</summary>
    private RepositoryGrant OfUpstream(RegistryCaller caller, RepositoryName name, Row row)
    {
        if ((row.AloneTeam ?? accounts.AdministratorsTeam()) is not { } team)
        {
            return default;
        }

        var rights = caller switch
        {
            RegistryCaller.User { Caller.UserId: var user } => RegistryRights.Pull | (accounts.IsAdministrator(user) ? RegistryRights.Delete : RegistryRights.None),
            RegistryCaller.Robot { Token: var token } => token.Of(name.ToString()) & RegistryRights.Pull,
            _ => row.AlonePublic && caller is RegistryCaller.Nobody ? RegistryRights.Pull : RegistryRights.None,
        };
        return rights == RegistryRights.None ? default : new RepositoryGrant(RepositoryKey.Alone(team, name), rights);
    }

    private RepositoryGrant Of(RegistryCaller caller, RepositoryName name, RepositoryKey key, bool isPublic)
    {
        var rights = caller switch
        {
            RegistryCaller.User { Caller.TeamId: var team } when team == key.TeamId => RegistryRights.All,
            RegistryCaller.Robot { Token: var token } when token.TeamId == key.TeamId => token.Of(name.ToString()),
            RegistryCaller.Node { Token.Name: var node } when key.AppId is { } app && nodes.Any(apps => apps(node).Contains(app)) => RegistryRights.Pull,
            _ => RegistryRights.None,
        };
        rights |= isPublic ? RegistryRights.Pull : RegistryRights.None;
        return rights == RegistryRights.None ? default : new RepositoryGrant(key, rights);
    }

    /// <summary>Whose a new repository that stands alone would be; null: the caller may not make it. Administrators take any free name,
    /// others what begins with their team's.</summary>
    private long? MayCreate(RegistryCaller caller, RepositoryName name)
    {
        var (team, user) = caller switch
        {
            RegistryCaller.User { Caller: var known } => (known.TeamId, known.UserId),
            RegistryCaller.Robot { Token: var token } => (token.TeamId, token.CreatorId),
            _ => (0, 0),
        };
        return user != 0 && (accounts.IsAdministrator(user) || accounts.TeamName(team) == name.First) ? team : null;
    }

    /// <summary>The living app of the name's first part with its repository, and one of the whole name that stands alone.</summary>
    private Row Find(RepositoryName name)
    {
        using var connection = database.Open();
        return connection.QuerySingle<Row>(
            """
            SELECT apps.id AS app_id, apps.team_id AS app_team, own.id AS own_id, coalesce(own.public, 0) AS own_public,
              alone.team_id AS alone_team, coalesce(alone.public, 0) AS alone_public
            FROM (SELECT 1)
            LEFT JOIN apps ON apps.name = @first AND apps.destroyed_at IS NULL
            LEFT JOIN repositories AS own ON own.app_id = apps.id AND own.path = @rest
            LEFT JOIN repositories AS alone ON alone.app_id IS NULL AND alone.path = @whole
            """,
            new { first = name.First, rest = name.Rest, whole = name.ToString() });
    }

    private sealed class Row
    {
        public long? AppId { get; init; }

        public long? AppTeam { get; init; }

        public long? OwnId { get; init; }

        public bool OwnPublic { get; set; }

        public long? AloneTeam { get; init; }

        public bool AlonePublic { get; init; }
    }
}
