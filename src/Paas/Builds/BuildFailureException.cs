namespace Paas.Builds;

/// <summary>Ends a build with a sentence for the person who pushed; Builder turns it into <see cref="BuildResult.Failed"/>.</summary>
/// <param name="code">Stable, as BuildResult.Failed lists them.</param>
/// <param name="sentence">What is wrong and what to do.</param>
internal sealed class BuildFailureException(string code, string sentence) : Exception(sentence)
{
    public string Code { get; } = code;
}
