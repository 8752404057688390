using System.Globalization;
using System.Text.RegularExpressions;

namespace Paas.Builds.Dockerfiles;

/// <summary>The sentences for what goes wrong with a Dockerfile.</summary>
internal static partial class DockerfileFaults
{
    private const int LongestStep = 160;

    [GeneratedRegex(@"\bexit status (?<code>\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex ExitStatus { get; }

    /// <summary>How buildah begins its last line.</summary>
    [GeneratedRegex("""^Error: (building at STEP "(?<step>.*?)": )?(?<why>.+)$""", RegexOptions.CultureInvariant)]
    private static partial Regex LastWord { get; }

    /// <param name="what">A clause: "FROM needs an image".</param>
    public static BuildFailureException Invalid(string name, int line, string what) => new(
        "dockerfile_invalid", string.Create(CultureInfo.InvariantCulture, $"Line {line} of {name} cannot be understood: {what.TrimEnd('.')}. Mend it and push again."));

    public static BuildFailureException Missing(string path, bool wasChosen) => new(
        "dockerfile_missing",
        wasChosen
            ? $"The app is set to be built by {State.Printable.Short(path)}, but the repository has no such file. Add it, name another with 'paas apps set --dockerfile PATH', or go back with 'paas apps set --builder auto'."
            : $"{State.Printable.Short(path)} is no plain file of the repository.");

    public static BuildFailureException NoNamespaces() => new(
        "dockerfile_unsupported",
        "Dockerfiles cannot be built on this server: they need user namespaces with mapped mounts (Linux 5.19 or newer, not inside most other containers), and this kernel gives none. Apps that buildpacks build are not concerned.");

    public static BuildFailureException NoImage(string dockerfile, DockerfileImage image, string sentence) => new(
        "dockerfile_image", string.Create(CultureInfo.InvariantCulture, $"The image {State.Printable.Short(image.Reference)}, which line {image.Line} of {dockerfile} names, cannot be had. {sentence}"));

    public static BuildResult.Failed NoProcess(string dockerfile) => new(
        "dockerfile_no_process", $"{dockerfile} does not say what to run: end it with a CMD or an ENTRYPOINT, like CMD [\"./server\"].");

    /// <summary>Of a build that buildah gave up.</summary>
    /// <param name="step">The last that it began; null: none.</param>
    /// <param name="lastWord">The line in which buildah said why; null: it did not.</param>
    public static BuildResult.Failed Of(Dockerfile dockerfile, DockerfileStep? step, string? lastWord, int exitCode, BuildObservations observed)
    {
        if (BuildFailures.ByMachine(observed) is { } limit)
        {
            return limit;
        }

        var why = lastWord is not null && LastWord.Match(lastWord) is { Success: true } match ? match.Groups["why"].Value : null;
        var clause = step is null ? null : string.Create(CultureInfo.InvariantCulture, $"Step {step.Number}{dockerfile.StageWords(step.Stage)} of the Dockerfile failed: {Short(step.Text)}");
        return new("dockerfile_step_failed", (clause, why) switch
        {
            (null, null) => string.Create(CultureInfo.InvariantCulture, $"The Dockerfile could not be built: buildah ended with exit code {exitCode}. See the lines above."),
            (null, _) => $"The Dockerfile could not be built: {Trimmed(why)}.",
            (_, not null) when ExitStatus.Match(why) is { Success: true } status => $"{clause} ended with exit code {status.Groups["code"].Value}.",
            (_, null) => string.Create(CultureInfo.InvariantCulture, $"{clause} ended with exit code {exitCode}."),
            _ => $"{clause}: {Trimmed(why)}.",
        });
    }

    private static string Short(string step) => State.Printable.Cut(step, LongestStep) + (step.Length > LongestStep ? " ..." : "");

    private static string Trimmed(string why) => State.Printable.Cut(why, 300).TrimEnd('.');
}

/// <summary>A step as buildah counts it.</summary>
/// <param name="Stage">From 1.</param>
/// <param name="Number">In its stage, from 1, which is its FROM.</param>
/// <param name="Text">"RUN make".</param>
internal sealed partial record DockerfileStep(int Stage, int Number, string Text)
{
    [GeneratedRegex(@"^(\[(?<stage>\d{1,6})/\d+\] )?STEP (?<number>\d{1,6})/\d+: (?<text>.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Line { get; }

    /// <summary>Null: the line begins no step.</summary>
    public static DockerfileStep? Parse(string line) => Line.Match(line) is not { Success: true } match
        ? null
        : new DockerfileStep(
            match.Groups["stage"] is { Success: true, Value: var stage } ? int.Parse(stage, CultureInfo.InvariantCulture) : 1,
            int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture),
            match.Groups["text"].Value);
}
