namespace Paas.Deploys;

/// <summary>How a deploy ended; each with the sentence that its person reads.</summary>
public abstract record DeployResult
{
    private DeployResult(string sentence) => Sentence = sentence;

    public string Sentence { get; init; }

    public sealed record Live(int Release, string Said) : DeployResult(Said);

    public sealed record BuildFailed(string Said) : DeployResult(Said);

    /// <summary>An image that was not built here could not be had, or cannot be run here.</summary>
    public sealed record ImageRefused(string Said) : DeployResult(Said);

    public sealed record ReleaseCommandFailed(string Said) : DeployResult(Said);

    public sealed record Unhealthy(string Said) : DeployResult(Said);

    public sealed record NotRouted(string Said) : DeployResult(Said);

    public sealed record Superseded(string Said) : DeployResult(Said);

    public sealed record Cancelled(string Said) : DeployResult(Said);

    public sealed record Interrupted(string Said) : DeployResult(Said);
}
