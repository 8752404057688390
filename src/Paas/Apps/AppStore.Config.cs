using System.Text;
using Dapper;
using Paas.State;

namespace Paas.Apps;

/// <summary>Changes to an app's config vars.</summary>
/// <param name="Vars">A null value removes the var.</param>
/// <param name="RunOnly">For the vars that are set; null keeps it (new: false).</param>
/// <param name="Plain">Likewise.</param>
public sealed record ConfigChanges(IReadOnlyDictionary<string, string?> Vars, bool? RunOnly = null, bool? Plain = null);

public sealed partial class AppStore
{
    private int _configGeneration;

    /// <summary>Grows with every change of any app's config vars: who remembers values looks here whether they are stale.</summary>
    public int ConfigGeneration => Volatile.Read(ref _configGeneration);

    /// <summary>Decrypted, by name.</summary>
    public IReadOnlyList<ConfigVar> ConfigVars(long appId)
    {
        using var connection = database.Open();
        return Read(appId, connection.Query<ConfigRow>(SelectConfig, new { appId }));
    }

    /// <summary>Sets and removes config vars, all or none.</summary>
    /// <returns>Names of the vars that are different now, sorted.</returns>
    /// <exception cref="UserError">config_name_invalid, config_name_reserved, config_value_invalid, config_value_too_large or config_too_large.</exception>
    public IReadOnlyList<string> SetConfigVars(long appId, ConfigChanges changes)
    {
        foreach (var (name, value) in changes.Vars)
        {
            ConfigVarRules.CheckName(name);
            ConfigVarRules.CheckValue(name, value ?? "");
        }

        using var transaction = database.Begin();
        var before = Read(appId, transaction.All<ConfigRow>(SelectConfig, new { appId })).ToDictionary(item => item.Name, StringComparer.Ordinal);
        var after = new Dictionary<string, ConfigVar>(before, StringComparer.Ordinal);
        foreach (var (name, value) in changes.Vars)
        {
            var old = before.GetValueOrDefault(name);
            if (value is null)
            {
                after.Remove(name);
            }
            else
            {
                after[name] = new ConfigVar(name, value, changes.RunOnly ?? old?.RunOnly ?? false, changes.Plain ?? old?.Plain ?? false);
            }
        }

        ConfigVarRules.CheckTotal(after.Values);
        string[] changed = [.. changes.Vars.Keys.Where(name => before.GetValueOrDefault(name) != after.GetValueOrDefault(name)).Order(StringComparer.Ordinal)];
        foreach (var name in changed)
        {
            Write(transaction, appId, name, after.GetValueOrDefault(name));
        }

        transaction.Commit();
        Interlocked.Increment(ref _configGeneration);
        return changed;
    }

    private const string SelectConfig = "SELECT name, value, key_id, scope, plain FROM config_vars WHERE app_id = @appId ORDER BY name";

    private void Write(Transaction transaction, long appId, string name, ConfigVar? item)
    {
        if (item is null)
        {
            transaction.Execute("DELETE FROM config_vars WHERE app_id = @appId AND name = @name", new { appId, name });
            return;
        }

        var (value, keyId) = cipher.Seal(Encoding.UTF8.GetBytes(item.Value), PlaceOf(appId, name));
        transaction.Execute(
            "INSERT OR REPLACE INTO config_vars(app_id, name, value, key_id, scope, plain) VALUES (@appId, @name, @value, @keyId, @scope, @Plain)",
            new { appId, name, value, keyId, scope = item.RunOnly ? "run" : "all", item.Plain });
    }

    private IReadOnlyList<ConfigVar> Read(long appId, IEnumerable<ConfigRow> rows) =>
        [.. rows.Select(row => new ConfigVar(row.Name, Encoding.UTF8.GetString(cipher.Open(row.Value, row.KeyId, PlaceOf(appId, row.Name))), row.Scope == "run", row.Plain))];

    /// <summary>Associated data of a var: its ciphertext opens in this place only.</summary>
    private static byte[] PlaceOf(long appId, string name) => Encoding.UTF8.GetBytes($"{appId}/{name}");

    private sealed class ConfigRow
    {
        public string Name { get; init; } = "";

        public byte[] Value { get; init; } = [];

        public string KeyId { get; init; } = "";

        public string Scope { get; init; } = "";

        public bool Plain { get; init; }
    }
}
