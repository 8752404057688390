namespace Paas.Builds;

/// <summary>A checked-out tree to build.</summary>
/// <param name="Directory">Absolute; no symlink leaves it (trust rule 9).</param>
/// <param name="Commit">40 hex characters; "" when it is of no commit.</param>
/// <param name="Message">First line of the commit's message.</param>
public sealed record Source(string Directory, string Commit, string Branch, string Message)
{
    public BuildCause Cause { get; init; } = BuildCause.Push;
}
