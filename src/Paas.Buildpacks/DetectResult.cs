namespace Paas.Buildpacks;

/// <summary>The group that will build the app.</summary>
/// <param name="Group">The buildpacks that passed, in order.</param>
/// <param name="Plan">What they agreed to provide for each other.</param>
/// <param name="Tried">Every buildpack that was asked, with its answer, in the order of asking.</param>
public sealed record DetectResult(IReadOnlyList<Buildpack> Group, Plan Plan, IReadOnlyList<DetectVerdict> Tried);

/// <summary>One buildpack's answer.</summary>
/// <param name="Buildpack">Its id.</param>
/// <param name="Version">Its version.</param>
/// <param name="Outcome">What the answer means.</param>
/// <param name="ExitCode">Of bin/detect; 0 where none was run.</param>
/// <param name="LastLine">The last line it printed: most buildpacks say there why not. Null: nothing was printed.</param>
public sealed record DetectVerdict(string Buildpack, string Version, DetectOutcome Outcome, int ExitCode, string? LastLine)
{
    /// <summary>All answers in one sentence part; each buildpack once.</summary>
    public static string List(IReadOnlyList<DetectVerdict> verdicts) =>
        verdicts.Count == 0 ? "none" : string.Join("; ", verdicts.Select(verdict => verdict.Describe()).Distinct());

    private string Describe() => Outcome switch
    {
        DetectOutcome.Passed => $"{Buildpack} (yes, but a buildpack that it needs did not)",
        DetectOutcome.Failed when LastLine is not null => $"{Buildpack} (no: {LastLine})",
        DetectOutcome.Failed => $"{Buildpack} (no)",
        DetectOutcome.WrongExecEnv => $"{Buildpack} (not for {ExecEnv.Name})",
        DetectOutcome.WrongTarget => $"{Buildpack} (not for this kind of machine)",
        _ when ExitCode == 0 => $"{Buildpack} (failed: {LastLine})",
        _ => $"{Buildpack} (failed with exit code {ExitCode})",
    };
}

public enum DetectOutcome
{
    Passed,
    Failed,
    Errored,
    WrongTarget,

    /// <summary>Left out of its group: it is for other execution environments.</summary>
    WrongExecEnv,
}
