namespace Paas.Client;

/// <summary>A failed deploy in the order people need it; all of it is in <see cref="DeployView.Sentence"/> too.</summary>
/// <param name="Title">What happened: "The build failed".</param>
/// <param name="Phase">Where: the last of the phases; null when none had begun.</param>
/// <param name="Cause">Why, as one sentence.</param>
/// <param name="Fix">What to do about it.</param>
/// <param name="Now">What serves in spite of it: "v3 goes on serving."; null when the sentence does not tell.</param>
public sealed record DeployFailure(string Title, string? Phase, string Cause, string Fix, string? Now)
{
    /// <summary>The buildpack at fault; null when none is, or nobody knows which; only with a deploy that is asked for by its number.</summary>
    public string? Buildpack { get; init; }

    /// <summary>Of that buildpack's command; null when it had not ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The end of what the failed phase said, 20 lines at most; only with a deploy that is asked for by its number.</summary>
    public IReadOnlyList<string> LastLines { get; init; } = [];
}
