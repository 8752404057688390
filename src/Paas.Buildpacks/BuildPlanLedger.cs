using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>Which entries of the plan are still open while the group builds (CNB buildpack spec 0.12, "Unmet Buildpack Plan Entries").</summary>
internal sealed class BuildPlanLedger(Plan plan)
{
    private readonly List<PlanEntry> _open = [.. plan.Entries];

    /// <summary>What this buildpack may provide, as the buildpack plan that it reads.</summary>
    public string TextFor(Buildpack buildpack)
    {
        var entries = new TomlArray();
        foreach (var require in OpenFor(buildpack).SelectMany(entry => entry.Requires))
        {
            entries.Add(new TomlTable { ["name"] = require.Name, ["metadata"] = require.Metadata });
        }

        return TomlWriter.Write(new TomlTable { ["entries"] = entries });
    }

    /// <summary>Closes what the buildpack was offered, but for what it names as unmet: a later provider gets that.</summary>
    /// <exception cref="FormatException">It names an entry that it was not offered.</exception>
    public void Close(Buildpack buildpack, IReadOnlyList<string> unmet)
    {
        var offered = OpenFor(buildpack);
        foreach (var name in unmet)
        {
            if (offered.All(entry => entry.Name != name))
            {
                throw new FormatException($"build.toml lists '{name}' as unmet, which its plan does not contain.");
            }
        }

        _open.RemoveAll(entry => offered.Contains(entry) && !unmet.Contains(entry.Name));
    }

    private List<PlanEntry> OpenFor(Buildpack buildpack) => [.. _open.Where(entry => entry.Providers.Contains(buildpack.Id))];
}
