using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Paas.Apps;
using Paas.Oci;
using Paas.State;

namespace Paas.Releases;

/// <summary>Releases in the database; the config vars of each encrypted as one snapshot (trust rule 3).</summary>
public sealed class ReleaseStore(Database database, ConfigCipher cipher)
{
    private const string Columns = "app_id, number, image, config, key_id, config_names, processes, run, description, commit_id, actor, good, created_at, archived_at";

    public void Add(Release release)
    {
        var config = JsonSerializer.SerializeToUtf8Bytes([.. release.Config], ReleasesJson.Default.ConfigVarArray);
        var (sealedConfig, keyId) = cipher.Seal(config, AssociatedData(release.AppId, release.Number));
        using var connection = database.Open();
        connection.Execute(
            $"INSERT INTO releases({Columns}) VALUES (@AppId, @Number, @Image, @sealedConfig, @keyId, @names, @processes, @run, @Description, @Commit, @Actor, 0, @created, NULL)",
            new
            {
                release.AppId,
                release.Number,
                Image = release.Image.ToString(),
                sealedConfig,
                keyId,
                names = JsonSerializer.Serialize([.. release.Config.Select(item => item.Name)], ReleasesJson.Default.StringArray),
                processes = JsonSerializer.Serialize(new Dictionary<string, string>(release.Processes), ReleasesJson.Default.DictionaryStringString),
                run = release.Run is null ? null : JsonSerializer.Serialize(release.Run, ReleasesJson.Default.ImageRun),
                release.Description,
                release.Commit,
                release.Actor,
                created = release.CreatedAt.ToString("O", CultureInfo.InvariantCulture),
            });
    }

    /// <summary>Null when there is none.</summary>
    public Release? Find(long appId, int number)
    {
        using var connection = database.Open();
        return Read(connection.QuerySingleOrDefault<Row>($"SELECT {Columns} FROM releases WHERE app_id = @appId AND number = @number", new { appId, number }));
    }

    /// <summary>Its process types with their commands, without opening its config vars; null when there is none.</summary>
    public IReadOnlyDictionary<string, string>? ProcessesOf(long appId, int number)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<string>("SELECT processes FROM releases WHERE app_id = @appId AND number = @number", new { appId, number }) is { } processes
            ? JsonSerializer.Deserialize(processes, ReleasesJson.Default.DictionaryStringString)
            : null;
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Release> List(long appId, int limit)
    {
        using var connection = database.Open();
        return [.. connection.Query<Row>($"SELECT {Columns} FROM releases WHERE app_id = @appId ORDER BY number DESC LIMIT @limit", new { appId, limit })
            .Select(row => Read(row)!)];
    }

    /// <summary>The image of each release that has one still, newest first.</summary>
    public IReadOnlyList<(int Number, string Image)> Images(long appId)
    {
        using var connection = database.Open();
        return [.. connection.Query<(long Number, string Image)>("SELECT number, image FROM releases WHERE app_id = @appId AND archived_at IS NULL ORDER BY number DESC", new { appId })
            .Select(row => (checked((int)row.Number), row.Image))];
    }

    /// <summary>The newest of those before it that served; null when none did.</summary>
    public Release? GoodBefore(long appId, int number)
    {
        using var connection = database.Open();
        return Read(connection.QueryFirstOrDefault<Row>(
            $"SELECT {Columns} FROM releases WHERE app_id = @appId AND number < @number AND good = 1 ORDER BY number DESC LIMIT 1", new { appId, number }));
    }

    /// <summary>It serves now.</summary>
    public void MarkGood(long appId, int number)
    {
        using var connection = database.Open();
        connection.Execute("UPDATE releases SET good = 1 WHERE app_id = @appId AND number = @number", new { appId, number });
    }

    private Release? Read(Row? row)
    {
        if (row is null)
        {
            return null;
        }

        var number = checked((int)row.Number);
        var config = cipher.Open(row.Config, row.Key_Id, AssociatedData(row.App_Id, number));
        return new Release
        {
            AppId = row.App_Id,
            Number = number,
            Image = Digest.Parse(row.Image),
            Config = JsonSerializer.Deserialize(config, ReleasesJson.Default.ConfigVarArray) ?? [],
            Processes = JsonSerializer.Deserialize(row.Processes, ReleasesJson.Default.DictionaryStringString) ?? [],
            Run = row.Run is null ? null : JsonSerializer.Deserialize(row.Run, ReleasesJson.Default.ImageRun),
            Description = row.Description,
            Commit = row.Commit_Id,
            Actor = row.Actor,
            Good = row.Good != 0,
            CreatedAt = DateTimeOffset.Parse(row.Created_At, CultureInfo.InvariantCulture),
            ArchivedAt = row.Archived_At is { } archived ? DateTimeOffset.Parse(archived, CultureInfo.InvariantCulture) : null,
        };
    }

    private static byte[] AssociatedData(long appId, int number) => Encoding.UTF8.GetBytes($"{appId}/v{number}");

    private sealed record Row(
        long App_Id, long Number, string Image, byte[] Config, string Key_Id, string Config_Names, string Processes,
        string? Run, string Description, string? Commit_Id, string Actor, long Good, string Created_At, string? Archived_At);
}

[JsonSerializable(typeof(ConfigVar[]))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(ImageRun))]
internal sealed partial class ReleasesJson : JsonSerializerContext;
