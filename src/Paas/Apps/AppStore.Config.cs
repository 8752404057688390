using System.Text;
using Dapper;
using Paas.State;

namespace Paas.Apps;

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

    /// <summary>Another one for every other value, scope or mark of the var.</summary>
    public string VersionOf(long appId, ConfigVar item) =>
        cipher.Fingerprint(Encoding.UTF8.GetBytes($"{(item.RunOnly ? "run" : "all")} {(item.Plain ? "plain" : "secret")} {item.Value}"), PlaceOf(appId, item.Name));

    /// <summary>The app's config vars are these from now on: what a release that went live brought.</summary>
    public void ReplaceConfigVars(long appId, IReadOnlyList<ConfigVar> vars)
    {
        using var transaction = database.Begin();
        transaction.Execute("DELETE FROM config_vars WHERE app_id = @appId", new { appId });
        foreach (var item in vars)
        {
            Write(transaction, appId, item);
        }

        transaction.Commit();
        Interlocked.Increment(ref _configGeneration);
    }

    private const string SelectConfig = "SELECT name, value, key_id, scope, plain FROM config_vars WHERE app_id = @appId ORDER BY name";

    private void Write(Transaction transaction, long appId, ConfigVar item)
    {
        var (value, keyId) = cipher.Seal(Encoding.UTF8.GetBytes(item.Value), PlaceOf(appId, item.Name));
        transaction.Execute(
            "INSERT INTO config_vars(app_id, name, value, key_id, scope, plain) VALUES (@appId, @Name, @value, @keyId, @scope, @Plain)",
            new { appId, item.Name, value, keyId, scope = item.RunOnly ? "run" : "all", item.Plain });
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
