using System.Text;
using System.Text.Json;
using Dapper;

namespace Paas.Apps;

public sealed partial class AppStore
{
    /// <summary>Decrypted, by name.</summary>
    public IReadOnlyList<Binding> Bindings(long appId)
    {
        using var connection = database.Open();
        return [.. connection.Query<BindingRow>("SELECT name, files, key_id, actor, updated_at FROM bindings WHERE app_id = @appId ORDER BY name", new { appId }).Select(row =>
            new Binding(row.Name, JsonSerializer.Deserialize(cipher.Open(row.Files, row.KeyId, PlaceOfBinding(appId, row.Name)), AppsJson.Default.DictionaryStringString)!)
            {
                Actor = row.Actor,
                UpdatedAt = row.UpdatedAt,
            })];
    }

    /// <summary>Takes the place of one of the same name.</summary>
    /// <exception cref="State.UserError">binding_too_many.</exception>
    public void SetBinding(long appId, Binding binding, string actor)
    {
        var files = JsonSerializer.SerializeToUtf8Bytes(binding.Files.ToDictionary(), AppsJson.Default.DictionaryStringString);
        var (box, keyId) = cipher.Seal(files, PlaceOfBinding(appId, binding.Name));
        using var transaction = database.Begin();
        if (transaction.Scalar<long>("SELECT count(*) FROM bindings WHERE app_id = @appId AND name <> @Name", new { appId, binding.Name }) >= Binding.Most)
        {
            throw new State.UserError("binding_too_many", 409, $"An app has at most {Binding.Most} bindings: remove one first.");
        }

        transaction.Execute(
            """
            INSERT INTO bindings(app_id, name, files, key_id, actor, updated_at) VALUES (@appId, @Name, @box, @keyId, @actor, @now)
            ON CONFLICT (app_id, name) DO UPDATE SET files = excluded.files, key_id = excluded.key_id, actor = excluded.actor, updated_at = excluded.updated_at
            """,
            new { appId, binding.Name, box, keyId, actor, now = time.GetUtcNow() });
        transaction.Commit();
    }

    /// <summary>False: there was none.</summary>
    public bool RemoveBinding(long appId, string name)
    {
        using var connection = database.Open();
        return connection.Execute("DELETE FROM bindings WHERE app_id = @appId AND name = @name", new { appId, name }) > 0;
    }

    /// <summary>Associated data: a sealed binding opens in this place only.</summary>
    private static byte[] PlaceOfBinding(long appId, string name) => Encoding.UTF8.GetBytes($"binding {appId}/{name}");

    private sealed class BindingRow
    {
        public string Name { get; init; } = "";

        public byte[] Files { get; init; } = [];

        public string KeyId { get; init; } = "";

        public string Actor { get; init; } = "";

        public DateTimeOffset UpdatedAt { get; init; }
    }
}
