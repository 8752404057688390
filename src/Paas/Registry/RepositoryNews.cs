using Dapper;
using Paas.State;

namespace Paas.Registry;

/// <summary>A repository's images, tags or settings are others now, or it is gone; by whoever, the platform's own writes too.</summary>
/// <param name="name">"hello", "team/app".</param>
public delegate void RepositoryTouched(long teamId, string name);

/// <summary>Tells the slices that registered.</summary>
public sealed class RepositoryNews(Database database, IEnumerable<RepositoryTouched> followers)
{
    /// <summary>What a repository is called now, in SQL over repositories and a left join of apps.</summary>
    internal const string NameColumn = "CASE WHEN repositories.app_id IS NULL THEN path WHEN path = '' THEN apps.name ELSE apps.name || '/' || path END";

    private readonly RepositoryTouched[] _followers = [.. followers];

    internal void Tell(long repository)
    {
        if (_followers.Length == 0)
        {
            return;
        }

        using var connection = database.Open();
        var (team, name) = connection.QuerySingleOrDefault<(long Team, string? Name)>(
            $"SELECT repositories.team_id, {NameColumn} FROM repositories LEFT JOIN apps ON apps.id = app_id WHERE repositories.id = @repository", new { repository });
        if (name is not null)
        {
            Tell(team, name);
        }
    }

    internal void Tell(long teamId, string name)
    {
        foreach (var follower in _followers)
        {
            follower(teamId, name);
        }
    }
}
