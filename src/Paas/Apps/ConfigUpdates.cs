using Paas.Client;
using Paas.State;

namespace Paas.Apps;

/// <summary>What an update makes of an app's config vars, before anything is written.</summary>
internal static class ConfigUpdates
{
    /// <summary>Sorted by name; equal to <paramref name="before"/> (sorted) when nothing changes.</summary>
    /// <exception cref="UserError">A name, a value or the total breaks a rule; scope_invalid.</exception>
    public static IReadOnlyList<ConfigVar> Apply(IReadOnlyList<ConfigVar> before, UpdateConfig update)
    {
        bool? runOnly = update.Scope switch
        {
            null => null,
            "all" => false,
            "run" => true,
            _ => throw new UserError("scope_invalid", 400, $"'{Printable.Short(update.Scope)}' is not a scope: use all, or run for vars that builds should not see."),
        };
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

        ConfigVarRules.CheckTotal(vars.Values);
        return [.. vars.Values.OrderBy(item => item.Name, StringComparer.Ordinal)];
    }
}
