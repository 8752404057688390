namespace Paas.Buildpacks;

/// <summary>Finds the first combination of the buildpacks' alternatives in which every requirement has a provider at or before it and
/// every provision a use at or after it (CNB buildpack spec 0.12, "Phase #1: Detection").</summary>
internal static class PlanResolver
{
    /// <summary>Alternatives multiply: who writes that many is not answered, instead of never.</summary>
    private const int MaxTrials = 20_000;

    /// <summary>Null when no combination works.</summary>
    public static ResolvedPlan? Resolve(IReadOnlyList<PlanCandidate> group) =>
        Trials(group).Take(MaxTrials).Select(SettleTrial).FirstOrDefault(resolved => resolved is not null);

    /// <summary>Depth first: the last buildpack's alternatives vary fastest. An optional buildpack may be dropped only in its last
    /// alternative, so that the others are tried with it first (as in the reference lifecycle).</summary>
    private static IEnumerable<IReadOnlyList<Trial>> Trials(IReadOnlyList<PlanCandidate> group)
    {
        if (group.Count == 0)
        {
            return [[]];
        }

        var first = group[0];
        PlanCandidate[] rest = [.. group.Skip(1)];
        return first.Alternatives.SelectMany((sections, index) =>
        {
            var trial = new Trial(first.Id, sections, first.Optional && index == first.Alternatives.Count - 1);
            return Trials(rest).Select(IReadOnlyList<Trial> (tail) => [trial, .. tail]);
        });
    }

    /// <summary>Drops optional buildpacks with something unmet until nothing is, or fails.</summary>
    private static ResolvedPlan? SettleTrial(IReadOnlyList<Trial> trial)
    {
        while (trial.Count > 0)
        {
            var (entries, unmet) = Match(trial);
            if (unmet.Count == 0)
            {
                return new ResolvedPlan([.. trial.Select(member => member.Id)], new Plan(entries));
            }

            if (trial.Any(member => !member.MayBeDropped && unmet.Contains(member.Id)))
            {
                return null;
            }

            trial = [.. trial.Where(member => !unmet.Contains(member.Id))];
        }

        return null;
    }

    /// <returns>The plan's entries, and who asks for what nobody provides or provides what nobody asks for.</returns>
    private static (IReadOnlyList<PlanEntry> Entries, HashSet<string> Unmet) Match(IReadOnlyList<Trial> trial)
    {
        var dependencies = new OrderedDictionary<string, Dependency>(StringComparer.Ordinal);
        var unmet = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in trial)
        {
            foreach (var name in member.Sections.Provides)
            {
                Of(name).Unused.Add(member.Id);
            }

            foreach (var require in member.Sections.Requires)
            {
                var dependency = Of(require.Name);
                dependency.Providers.AddRange(dependency.Unused);
                dependency.Unused.Clear();
                dependency.Requires.Add(require);
                if (dependency.Providers.Count == 0)
                {
                    unmet.Add(member.Id);
                }
            }
        }

        unmet.UnionWith(dependencies.Values.SelectMany(dependency => dependency.Unused));
        return ([.. dependencies.Select(pair => new PlanEntry(pair.Key, pair.Value.Providers, pair.Value.Requires))], unmet);

        Dependency Of(string name)
        {
            if (!dependencies.TryGetValue(name, out var dependency))
            {
                dependencies[name] = dependency = new Dependency();
            }

            return dependency;
        }
    }

    private sealed record Trial(string Id, PlanSections Sections, bool MayBeDropped);

    private sealed class Dependency
    {
        public List<string> Providers { get; } = [];

        /// <summary>Providers that nobody at or after them has asked yet.</summary>
        public List<string> Unused { get; } = [];

        public List<Require> Requires { get; } = [];
    }
}

/// <param name="Id">A buildpack whose bin/detect passed.</param>
/// <param name="Optional">The group also passes without it.</param>
/// <param name="Alternatives">The sections of its build plan, the preferred ones first; at least one.</param>
internal sealed record PlanCandidate(string Id, bool Optional, IReadOnlyList<PlanSections> Alternatives);

/// <summary>What one alternative of a build plan provides and requires.</summary>
internal sealed record PlanSections(IReadOnlyList<string> Provides, IReadOnlyList<Require> Requires);

/// <param name="Members">Ids that stay in the group, in order.</param>
internal sealed record ResolvedPlan(IReadOnlyList<string> Members, Plan Plan);
