using Paas.Apps;
using Paas.Client;

namespace Paas.Testing;

/// <summary>Config vars set in the database as the API sets them, without a release.</summary>
internal static class ConfigSetting
{
    /// <param name="scope">null keeps it (new: all).</param>
    public static void Set(this AppStore apps, long app, Dictionary<string, string?> vars, string? scope = null, bool? plain = null) =>
        apps.ReplaceConfigVars(app, ConfigUpdates.Apply(apps.ConfigVars(app), new UpdateConfig(vars, scope, plain)));
}
