namespace Paas.Registry;

/// <summary>A token that opens the registry only: for CI (robot), or for a server of the platform (node).</summary>
/// <param name="CreatorId">The user who made it: a robot may make new repositories where its maker may.</param>
/// <param name="Patterns">See <see cref="RobotPattern"/>; empty for a node, whose rights are computed.</param>
/// <param name="ExpiresAt">Null: never.</param>
internal sealed record RobotToken(
    long Id, long TeamId, long CreatorId, string Name, bool IsNode, IReadOnlyList<string> Patterns, RegistryRights Rights, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt)
{
    /// <summary>What it may do with a repository of its team's.</summary>
    public RegistryRights Of(string name) => Patterns.Any(pattern => RobotPattern.Matches(pattern, name)) ? Rights : RegistryRights.None;
}
