namespace Paas.Deploys;

public enum DeployCause
{
    Push,
    Config,
    Rollback,
    Image,

    /// <summary>The same app on a new run image.</summary>
    Stack,
}

public enum DeployState
{
    Building,
    Releasing,
    Starting,
    Live,
    Failed,
    Cancelled,
    Interrupted,
    Superseded,
}

/// <summary>One deploy as it is written down.</summary>
/// <param name="Sentence">How it ended; null while it runs.</param>
public sealed record DeployRecord(
    long AppId,
    int Number,
    DeployCause Cause,
    DeployState State,
    string? Commit,
    string? Message,
    string? Branch,
    string Actor,
    string? Sentence,
    IReadOnlyList<DeployPhase> Phases,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt)
{
    public bool IsRunning => State is DeployState.Building or DeployState.Releasing or DeployState.Starting;
}

/// <param name="Seconds">Null while it runs.</param>
public sealed record DeployPhase(string Name, double? Seconds)
{
    /// <summary>Null on deploys from before this was written down.</summary>
    public DateTimeOffset? StartedAt { get; init; }
}
