using System.Text;
using Dapper;
using Paas.Apps;
using Paas.Oci;
using Paas.State;

namespace Paas.Deploys;

/// <summary>A team's login at another registry, without its password.</summary>
public sealed record RegistryLogin
{
    public string Host { get; init; } = "";

    public string Username { get; init; } = "";

    /// <summary>Who gave it.</summary>
    public string Actor { get; init; } = "";

    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>Logins at other registries, the passwords encrypted at rest (trust rule 3).</summary>
public sealed class RegistryLoginStore(Database database, ConfigCipher cipher, TimeProvider time)
{
    /// <summary>By host, without passwords.</summary>
    public IReadOnlyList<RegistryLogin> List(long teamId)
    {
        using var connection = database.Open();
        return connection.Query<RegistryLogin>("SELECT host, username, actor, updated_at FROM registry_logins WHERE team_id = @teamId ORDER BY host", new { teamId }).AsList();
    }

    /// <summary>For a request to that registry alone. Null: the team has no login there.</summary>
    public RegistryCredentials? Find(long teamId, string host)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<Row>("SELECT username, password, key_id FROM registry_logins WHERE team_id = @teamId AND host = @host", new { teamId, host }) is { } row
            ? new RegistryCredentials(row.Username, Encoding.UTF8.GetString(cipher.Open(row.Password, row.KeyId, AssociatedData(teamId, host))))
            : null;
    }

    /// <summary>Takes the place of an earlier one.</summary>
    public void Set(long teamId, string host, RegistryCredentials login, string actor)
    {
        var (password, keyId) = cipher.Seal(Encoding.UTF8.GetBytes(login.Password), AssociatedData(teamId, host));
        using var connection = database.Open();
        connection.Execute(
            """
            INSERT INTO registry_logins(team_id, host, username, password, key_id, actor, updated_at) VALUES (@teamId, @host, @Username, @password, @keyId, @actor, @now)
            ON CONFLICT DO UPDATE SET username = excluded.username, password = excluded.password, key_id = excluded.key_id, actor = excluded.actor, updated_at = excluded.updated_at
            """,
            new { teamId, host, login.Username, password, keyId, actor, now = time.GetUtcNow() });
    }

    /// <summary>False: there was none.</summary>
    public bool Remove(long teamId, string host)
    {
        using var connection = database.Open();
        return connection.Execute("DELETE FROM registry_logins WHERE team_id = @teamId AND host = @host", new { teamId, host }) > 0;
    }

    private static byte[] AssociatedData(long teamId, string host) => Encoding.UTF8.GetBytes($"registry login {teamId}/{host}");

    private sealed class Row
    {
        public string Username { get; init; } = "";

        public byte[] Password { get; init; } = [];

        public string KeyId { get; init; } = "";
    }
}
