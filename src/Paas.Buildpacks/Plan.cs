using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>The build plan: what detection agreed on (CNB platform spec 0.15, "plan.toml").</summary>
public sealed record Plan(IReadOnlyList<PlanEntry> Entries);

/// <param name="Name">The dependency.</param>
/// <param name="Providers">Ids of the buildpacks that can provide it, in the group's order.</param>
/// <param name="Requires">What was asked of it, in the group's order.</param>
public sealed record PlanEntry(string Name, IReadOnlyList<string> Providers, IReadOnlyList<Require> Requires);

/// <summary>One request for a dependency, with what the asking buildpack had to say about it.</summary>
public sealed record Require(string Name, TomlTable Metadata);
