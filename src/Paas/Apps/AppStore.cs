namespace Paas.Apps;

/// <summary>Apps, their config vars, formation and domains in the database.</summary>
public sealed class AppStore
{
    /// <summary>Null when the team has no such app.</summary>
    public App? Find(long teamId, string name) => throw new NotSupportedException($"{teamId} {name}");

    public App? Find(long appId) => throw new NotSupportedException($"{appId}");

    /// <summary>Every app of every team: for the platform's own loops.</summary>
    public IReadOnlyList<App> All() => throw new NotSupportedException();

    public IReadOnlyList<ConfigVar> ConfigVars(long appId) => throw new NotSupportedException($"{appId}");

    public IReadOnlyList<Formation> FormationOf(long appId) => throw new NotSupportedException($"{appId}");

    public void SetFormation(long appId, Formation formation) => throw new NotSupportedException($"{appId} {formation}");

    public IReadOnlyList<string> DomainsOf(long appId) => throw new NotSupportedException($"{appId}");

    public void SetDeployBranch(long appId, string branch) => throw new NotSupportedException($"{appId} {branch}");
}
