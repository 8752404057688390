using System.Text;
using Paas.Client;
using Paas.State;

namespace Paas.Apps;

/// <summary>What an update makes of an app's config vars, before anything is written.</summary>
internal static class ConfigUpdates
{
    /// <summary>Sorted by name; equal to <paramref name="before"/> (sorted) when nothing changes.</summary>
    /// <exception cref="UserError">A name, a value or the total breaks a rule; scope_invalid; config_not_found.</exception>
    public static IReadOnlyList<ConfigVar> Apply(IReadOnlyList<ConfigVar> before, UpdateConfig update)
    {
        var runOnly = RunOnly(update.Scope);
        var vars = before.ToDictionary(item => item.Name, StringComparer.Ordinal);
        foreach (var (name, value) in update.Vars)
        {
            if (value is null)
            {
                vars.Remove(name);
                continue;
            }

            ConfigVarRules.CheckName(name);
            ConfigVarRules.CheckValue(name, value);
            var known = vars.GetValueOrDefault(name);
            vars[name] = new ConfigVar(name, value, runOnly ?? known?.RunOnly ?? false, update.Plain ?? known?.Plain ?? false);
        }

        foreach (var (name, marks) in update.Marks ?? new Dictionary<string, ConfigMarks>())
        {
            var item = vars.GetValueOrDefault(name) ?? throw new UserError("config_not_found", 404, $"There is no config var '{Printable.Short(name)}' to change. List them with: paas config");
            vars[name] = item with { RunOnly = RunOnly(marks.Scope) ?? item.RunOnly, Plain = marks.Plain ?? item.Plain };
        }

        ConfigVarRules.CheckTotal(vars.Values);
        return [.. vars.Values.OrderBy(item => item.Name, StringComparer.Ordinal)];
    }

    /// <summary>What became of each var that the update names.</summary>
    public static ConfigReview Review(IReadOnlyList<ConfigVar> before, IReadOnlyList<ConfigVar> after, UpdateConfig update)
    {
        var (old, now) = (before.ToDictionary(item => item.Name, StringComparer.Ordinal), after.ToDictionary(item => item.Name, StringComparer.Ordinal));
        var names = update.Vars.Keys.Union(update.Marks?.Keys ?? [], StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new ConfigReview([.. names.Select(name => Change(name, old.GetValueOrDefault(name), now.GetValueOrDefault(name)))]);
    }

    private static ConfigChangeView Change(string name, ConfigVar? old, ConfigVar? now)
    {
        var change = (old, now) switch
        {
            _ when old == now => "same",
            (null, _) => "added",
            (_, null) => "removed",
            _ => old.Value == now.Value ? "marked" : "changed",
        };
        return new ConfigChangeView(name, change, now is null ? null : Encoding.UTF8.GetByteCount(now.Value));
    }

    /// <summary>Two who change the same var at the same time: the second is told.</summary>
    /// <param name="version">Of a var as it is now.</param>
    /// <exception cref="UserError">config_changed.</exception>
    public static void CheckVersions(IReadOnlyList<ConfigVar> now, UpdateConfig update, Func<ConfigVar, string> version)
    {
        var vars = now.ToDictionary(item => item.Name, StringComparer.Ordinal);
        string[] changed =
        [
            .. (update.IfVersions ?? new Dictionary<string, string?>())
                .Where(item => item.Value != (vars.GetValueOrDefault(item.Key) is { } known ? version(known) : null))
                .Select(item => Printable.Short(item.Key)).Order(StringComparer.Ordinal),
        ];
        if (changed.Length > 0)
        {
            throw new UserError("config_changed", 409, $"Somebody else changed {Some(changed)} meanwhile, so nothing was saved: look at what is there now, then save again.");
        }
    }

    private static string Some(string[] names) => names.Length <= 5 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(5))} and {names.Length - 5} more";

    private static bool? RunOnly(string? scope) => scope switch
    {
        null => null,
        "all" => false,
        "run" => true,
        _ => throw new UserError("scope_invalid", 400, $"'{Printable.Short(scope)}' is not a scope: use all, or run for vars that builds should not see."),
    };
}
