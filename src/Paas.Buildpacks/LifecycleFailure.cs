namespace Paas.Buildpacks;

/// <summary>Why a build ended without an image: the message is a sentence for the person who pushed. The exit codes are the
/// reference lifecycle's (CNB platform spec 0.15, "Outputs" of each phase).</summary>
public abstract class LifecycleFailure : Exception
{
    private LifecycleFailure(string phase, int exitCode, string? buildpack, string message, Exception? cause = null)
        : base(message, cause)
    {
        Phase = phase;
        ExitCode = exitCode;
        Buildpack = buildpack;
    }

    /// <summary>analyze, detect, restore, build, export or rebase.</summary>
    public string Phase { get; }

    /// <summary>What the reference lifecycle's process would exit with.</summary>
    public int ExitCode { get; }

    /// <summary>Id of the buildpack at fault; null when it is none's.</summary>
    public string? Buildpack { get; }

    /// <summary>20: no group of the order passed and every buildpack said so properly.</summary>
    public sealed class NoGroupPassed(IReadOnlyList<DetectVerdict> tried)
        : LifecycleFailure("detect", 20, null, $"No buildpack recognised this app. Tried: {DetectVerdict.List(tried)}.")
    {
        public IReadOnlyList<DetectVerdict> Tried { get; } = tried;
    }

    /// <summary>21: no group passed, and a buildpack's bin/detect failed instead of saying no, or it is not made for the run image.</summary>
    /// <param name="fault">The first verdict of that kind.</param>
    /// <param name="tried">All verdicts.</param>
    public sealed class DetectErrored(DetectVerdict fault, IReadOnlyList<DetectVerdict> tried)
        : LifecycleFailure("detect", 21, fault.Buildpack, fault.Outcome == DetectOutcome.WrongTarget
            ? $"No buildpack recognised this app, and {fault.Buildpack} is not made for the run image. Tried: {DetectVerdict.List(tried)}."
            : $"No buildpack recognised this app, and the detection of {fault.Buildpack} itself failed. Tried: {DetectVerdict.List(tried)}.")
    {
        public IReadOnlyList<DetectVerdict> Tried { get; } = tried;
    }

    /// <summary>12: a buildpack of an API that this lifecycle does not speak.</summary>
    public sealed class IncompatibleBuildpack(string buildpack, string? api)
        : LifecycleFailure("detect", 12, buildpack, $"Buildpack {buildpack} needs buildpack API {api ?? "(none named)"}; this platform speaks {BuildpackApi.Oldest} to {BuildpackApi.Newest}.");

    /// <summary>22: a buildpack or an order that cannot be read or found.</summary>
    public sealed class InvalidBuildpack(string buildpack, string problem, Exception? cause = null)
        : LifecycleFailure("detect", 22, buildpack, $"Buildpack {buildpack} cannot be used: {problem.TrimEnd('.')}.", cause);

    /// <summary>51: bin/build ended with another exit code than 0.</summary>
    /// <param name="buildpack">Its id.</param>
    /// <param name="commandExitCode">Of bin/build.</param>
    /// <param name="lastLines">The end of what it printed, oldest first, at most 20 lines.</param>
    public sealed class BuildpackFailed(string buildpack, int commandExitCode, IReadOnlyList<string> lastLines)
        : LifecycleFailure("build", 51, buildpack, $"Buildpack {buildpack} failed with exit code {commandExitCode}. The lines above say why.")
    {
        public int CommandExitCode { get; } = commandExitCode;

        public IReadOnlyList<string> LastLines { get; } = lastLines;
    }

    /// <summary>52: bin/build succeeded but what it left breaks the buildpack spec.</summary>
    public sealed class InvalidOutput(string buildpack, string problem, Exception? cause = null)
        : LifecycleFailure("build", 52, buildpack, $"Buildpack {buildpack} left something that cannot be used: {problem.TrimEnd('.')}.", cause);

    /// <summary>62: the image cannot be made from what the build left.</summary>
    public sealed class NotExportable(string? buildpack, string problem, Exception? cause = null)
        : LifecycleFailure("export", 62, buildpack, problem, cause);

    /// <summary>72: the app's image cannot be put on the new run image.</summary>
    public sealed class NotRebasable(string problem, Exception? cause = null)
        : LifecycleFailure("rebase", 72, null, problem, cause);
}
