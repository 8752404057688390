using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>The detect phase: asks buildpacks, group by group, until one group passes with a plan that works out
/// (CNB platform spec 0.15, "detector"). A buildpack is asked once, in however many groups it stands.</summary>
internal sealed class Detect(BuildpackRun buildpackRun, Target target, Action<string> line)
{
    private const int Pass = 0;
    private const int Fail = 100;

    /// <summary>Most of a detection is the start of its sandbox: a few wait less side by side, more only push each other away.</summary>
    private static readonly int AtOnce = Math.Clamp(Environment.ProcessorCount, 2, 8);

    /// <summary>An order can resolve to more groups than anybody wants to look through beforehand.</summary>
    private const int GroupsAhead = 64;

    private readonly OrderedDictionary<string, Answer> _answers = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, (int ExitCode, IReadOnlyList<string> Lines)> _together = new Dictionary<string, (int, IReadOnlyList<string>)>();

    public async Task<DetectResult> RunAsync(IReadOnlyList<Buildpack> buildpacks, Order order, CancellationToken cancellationToken)
    {
        DetectVerdict? fault = null;
        var groups = new OrderResolver(buildpacks).Resolve(order);
        Buildpack[] ahead = [.. groups.Take(GroupsAhead).SelectMany(group => group).Select(member => member.Buildpack).Where(IsAskable).Where(BuildpackRun.CanBeAskedTogether).DistinctBy(buildpack => buildpack.ToString())];
        if (ahead.Length > 1)
        {
            _together = await buildpackRun.DetectTogetherAsync(ahead, cancellationToken);
        }

        foreach (var group in groups)
        {
            await AskAsync([.. group.Select(member => member.Buildpack)], cancellationToken);
            if (Resolve(group, out var faultOfGroup) is { } resolved)
            {
                return new DetectResult(
                    [.. group.Select(member => member.Buildpack).Where(buildpack => resolved.Members.Contains(buildpack.Id))],
                    resolved.Plan,
                    Tried);
            }

            fault ??= faultOfGroup;
        }

        throw fault is null ? new LifecycleFailure.NoGroupPassed(Tried) : new LifecycleFailure.DetectErrored(fault, Tried);
    }

    private IReadOnlyList<DetectVerdict> Tried => [.. _answers.Values.Select(answer => answer.Verdict)];

    /// <summary>All members are asked even when one that must pass will not: whoever reads the verdicts wants to see every buildpack. They
    /// are asked side by side; answers and output stay in the group's order.</summary>
    private async Task AskAsync(IReadOnlyList<Buildpack> group, CancellationToken cancellationToken)
    {
        Buildpack[] open = [.. group.Where(buildpack => !_answers.ContainsKey(buildpack.ToString()))];
        var answers = new Answer[open.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, open.Length, options, async (index, token) => answers[index] = await AskAsync(open[index], token));
        foreach (var (buildpack, answer) in open.Zip(answers))
        {
            _answers[buildpack.ToString()] = answer;
            if (answer.Verdict.Outcome == DetectOutcome.Errored)
            {
                // Saying no is normal and silent; this is not.
                foreach (var text in answer.Output)
                {
                    line(text);
                }
            }
        }
    }

    /// <param name="fault">Why the group failed, where that was no plain no: the reference's exit code 21 instead of 20.</param>
    private ResolvedPlan? Resolve(IReadOnlyList<GroupMember> group, out DetectVerdict? fault)
    {
        fault = null;
        List<PlanCandidate> candidates = [];
        var passes = true;
        foreach (var member in group)
        {
            var answer = _answers[member.Buildpack.ToString()];
            switch (answer.Verdict.Outcome)
            {
                case DetectOutcome.Passed:
                    candidates.Add(new PlanCandidate(member.Buildpack.Id, member.Optional, answer.Alternatives));
                    break;
                case DetectOutcome.WrongExecEnv:
                    break;
                case var outcome:
                    passes &= member.Optional;
                    fault ??= outcome == DetectOutcome.Errored || (outcome == DetectOutcome.WrongTarget && !member.Optional) ? answer.Verdict : null;
                    break;
            }
        }

        if (!passes)
        {
            return null;
        }

        fault = null;
        return PlanResolver.Resolve(candidates);
    }

    private async Task<Answer> AskAsync(Buildpack buildpack, CancellationToken cancellationToken) =>
        !ExecEnv.IsOneOf(buildpack.ExecEnv) ? NotAsked(buildpack, DetectOutcome.WrongExecEnv)
        : !target.IsOneOf(buildpack.Targets) ? NotAsked(buildpack, DetectOutcome.WrongTarget)
        : await RunDetectAsync(buildpack, cancellationToken);

    private static Answer NotAsked(Buildpack buildpack, DetectOutcome outcome) =>
        new(new DetectVerdict(buildpack.Id, buildpack.Version, outcome, 0, null), [], []);

    private bool IsAskable(Buildpack buildpack) => ExecEnv.IsOneOf(buildpack.ExecEnv) && target.IsOneOf(buildpack.Targets);

    private async Task<Answer> RunDetectAsync(Buildpack buildpack, CancellationToken cancellationToken)
    {
        List<string> output = [];
        if (_together.TryGetValue(buildpack.ToString(), out var known))
        {
            return Read(buildpack, known.ExitCode, known.Lines, known.Lines);
        }

        var (exitCode, lines) = await buildpackRun.DetectAsync(buildpack, Collect, cancellationToken);
        return Read(buildpack, exitCode, lines, output);

        void Collect(string text)
        {
            lock (output)
            {
                output.Add(text);
            }
        }
    }

    private Answer Read(Buildpack buildpack, int exitCode, IReadOnlyList<string> lines, IReadOnlyList<string> output)
    {
        var outcome = exitCode switch { Pass => DetectOutcome.Passed, Fail => DetectOutcome.Failed, _ => DetectOutcome.Errored };
        var verdict = new DetectVerdict(buildpack.Id, buildpack.Version, outcome, exitCode, lines.LastOrDefault(text => !string.IsNullOrWhiteSpace(text))?.Trim());
        if (outcome != DetectOutcome.Passed)
        {
            return new Answer(verdict, [], output);
        }

        try
        {
            return new Answer(verdict, BuildPlanToml.Read(buildpackRun.ReadPlan(buildpack)), output);
        }
        catch (Exception exception) when (exception is TomlException or FormatException or InvalidDataException)
        {
            return new Answer(verdict with { Outcome = DetectOutcome.Errored, LastLine = $"its build plan is wrong: {exception.Message}" }, [], output);
        }
    }

    /// <param name="Output">Whole, for a detection that failed.</param>
    private sealed record Answer(DetectVerdict Verdict, IReadOnlyList<PlanSections> Alternatives, IReadOnlyList<string> Output);
}
