using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>The detect phase: asks buildpacks, group by group, until one group passes with a plan that works out
/// (CNB platform spec 0.15, "detector"). A buildpack is asked once, in however many groups it stands.</summary>
internal sealed class Detect(BuildpackRun buildpackRun, Target target, Action<string> line)
{
    private const int Pass = 0;
    private const int Fail = 100;

    private readonly OrderedDictionary<string, Answer> _answers = new(StringComparer.Ordinal);

    public async Task<DetectResult> RunAsync(IReadOnlyList<Buildpack> buildpacks, Order order, CancellationToken cancellationToken)
    {
        foreach (var group in new OrderResolver(buildpacks).Resolve(order))
        {
            if (await TryGroupAsync(group, cancellationToken) is { } resolved)
            {
                return new DetectResult(
                    [.. group.Select(member => member.Buildpack).Where(buildpack => resolved.Members.Contains(buildpack.Id))],
                    resolved.Plan,
                    Tried);
            }
        }

        var errored = Tried.FirstOrDefault(verdict => verdict.Outcome == DetectOutcome.Errored);
        throw errored is null
            ? new LifecycleFailure.NoGroupPassed(Tried)
            : new LifecycleFailure.DetectErrored(errored.Buildpack, Tried);
    }

    private IReadOnlyList<DetectVerdict> Tried => [.. _answers.Values.Select(answer => answer.Verdict)];

    /// <summary>All members are asked even when one that must pass did not: whoever reads the verdicts wants to see every buildpack.</summary>
    private async Task<ResolvedPlan?> TryGroupAsync(IReadOnlyList<GroupMember> group, CancellationToken cancellationToken)
    {
        List<PlanCandidate> candidates = [];
        var passes = true;
        foreach (var member in group)
        {
            var answer = await AskAsync(member.Buildpack, cancellationToken);
            if (answer.Verdict.Outcome == DetectOutcome.Passed)
            {
                candidates.Add(new PlanCandidate(member.Buildpack.Id, member.Optional, answer.Alternatives));
            }
            else
            {
                passes &= member.Optional;
            }
        }

        return passes ? PlanResolver.Resolve(candidates) : null;
    }

    private async Task<Answer> AskAsync(Buildpack buildpack, CancellationToken cancellationToken)
    {
        var key = buildpack.ToString();
        if (!_answers.TryGetValue(key, out var answer))
        {
            _answers[key] = answer = target.IsOneOf(buildpack.Targets)
                ? await RunDetectAsync(buildpack, cancellationToken)
                : new Answer(new DetectVerdict(buildpack.Id, buildpack.Version, DetectOutcome.WrongTarget, 0, null), []);
        }

        return answer;
    }

    private async Task<Answer> RunDetectAsync(Buildpack buildpack, CancellationToken cancellationToken)
    {
        List<string> output = [];
        var (exitCode, lines) = await buildpackRun.DetectAsync(buildpack, Collect, cancellationToken);
        var outcome = exitCode switch { Pass => DetectOutcome.Passed, Fail => DetectOutcome.Failed, _ => DetectOutcome.Errored };
        var verdict = new DetectVerdict(buildpack.Id, buildpack.Version, outcome, exitCode, lines.LastOrDefault(text => !string.IsNullOrWhiteSpace(text))?.Trim());
        if (outcome == DetectOutcome.Errored)
        {
            // Saying no is normal and silent; this is not.
            output.ForEach(line);
        }

        if (outcome != DetectOutcome.Passed)
        {
            return new Answer(verdict, []);
        }

        try
        {
            return new Answer(verdict, BuildPlanToml.Read(buildpackRun.ReadPlan(buildpack)));
        }
        catch (Exception exception) when (exception is TomlException or FormatException or InvalidDataException)
        {
            return new Answer(verdict with { Outcome = DetectOutcome.Errored, LastLine = $"its build plan is wrong: {exception.Message}" }, []);
        }

        void Collect(string text)
        {
            lock (output)
            {
                output.Add(text);
            }
        }
    }

    private sealed record Answer(DetectVerdict Verdict, IReadOnlyList<PlanSections> Alternatives);
}
