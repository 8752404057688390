using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Paas.State;

namespace Paas.Apps;

/// <summary>Apps, their config vars, formation and domains in the database.</summary>
/// <remarks>Destroyed apps are seen by nobody but <see cref="Unsettled"/> and <see cref="Expired"/>.</remarks>
public sealed partial class AppStore(Database database, ConfigCipher cipher, PlatformAddress address, TimeProvider time)
{
    private const string Columns =
        "id, team_id, name, deploy_branch, health_path, health_timeout_s, drain_timeout_s, stop_grace_s, build_timeout_s, read_only_root, buildpacks, builder, dockerfile, created_at";

    /// <summary>Null when the team has no such app.</summary>
    public App? Find(long teamId, string name)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<AppRow>(
            $"SELECT {Columns} FROM apps WHERE team_id = @teamId AND name = @name AND destroyed_at IS NULL", new { teamId, name })?.ToApp();
    }

    public App? Find(long appId)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<AppRow>($"SELECT {Columns} FROM apps WHERE id = @appId AND destroyed_at IS NULL", new { appId })?.ToApp();
    }

    /// <summary>For endpoints: the caller's app.</summary>
    /// <exception cref="UserError">app_not_found, also for another team's app.</exception>
    public App Get(long teamId, string name) => Find(teamId, name)
        ?? throw new UserError("app_not_found", 404, $"There is no app '{Printable.Short(name)}'. List yours with: paas apps list");

    /// <summary>The team's apps by name.</summary>
    public IReadOnlyList<App> OfTeam(long teamId)
    {
        using var connection = database.Open();
        return [.. connection.Query<AppRow>($"SELECT {Columns} FROM apps WHERE team_id = @teamId AND destroyed_at IS NULL ORDER BY name", new { teamId })
            .Select(row => row.ToApp())];
    }

    /// <summary>Every app of every team: for the platform's own loops.</summary>
    public IReadOnlyList<App> All()
    {
        using var connection = database.Open();
        return [.. connection.Query<AppRow>($"SELECT {Columns} FROM apps WHERE destroyed_at IS NULL ORDER BY id").Select(row => row.ToApp())];
    }

    /// <exception cref="UserError">app_name_taken.</exception>
    /// <param name="buildpacks">As <see cref="App.Buildpacks"/> has them.</param>
    public App Create(long teamId, AppName name, string buildpacks = "")
    {
        using var transaction = database.Begin();
        RefuseTaken(transaction, name, exceptApp: null);
        var app = transaction.One<AppRow>(
            $"INSERT INTO apps(team_id, name, buildpacks, created_at) VALUES (@teamId, @name, @buildpacks, @now) RETURNING {Columns}",
            new { teamId, name = name.ToString(), buildpacks, now = time.GetUtcNow() })!.ToApp();
        transaction.Commit();
        return app;
    }

    /// <summary>Writes name and settings of the app; they were checked before.</summary>
    /// <exception cref="UserError">app_name_taken.</exception>
    public void Update(App app)
    {
        using var transaction = database.Begin();
        RefuseTaken(transaction, AppName.Parse(app.Name), app.Id);
        transaction.Execute(
            """
            UPDATE apps SET name = @Name, deploy_branch = @DeployBranch, health_path = @HealthPath, health_timeout_s = @health, drain_timeout_s = @drain,
              stop_grace_s = @grace, build_timeout_s = @build, read_only_root = @ReadOnlyRoot, buildpacks = @Buildpacks, builder = @Builder, dockerfile = @Dockerfile WHERE id = @Id AND destroyed_at IS NULL
            """,
            new
            {
                app.Id,
                app.Name,
                app.DeployBranch,
                app.HealthPath,
                health = (int)app.HealthTimeout.TotalSeconds,
                drain = (int)app.DrainTimeout.TotalSeconds,
                grace = (int)app.StopGrace.TotalSeconds,
                build = (int)app.BuildTimeout.TotalSeconds,
                app.ReadOnlyRoot,
                app.Buildpacks,
                app.Builder,
                app.Dockerfile,
            });
        transaction.Commit();
    }

    public void SetDeployBranch(long appId, string branch)
    {
        using var connection = database.Open();
        connection.Execute("UPDATE apps SET deploy_branch = @branch WHERE id = @appId", new { appId, branch = AppSettingRules.Branch(branch) });
    }

    /// <summary>Frees the app's name and domains; its rows stay for the retention. False when it was destroyed already.</summary>
    public bool Destroy(App app)
    {
        using var transaction = database.Begin();
        if (transaction.Execute(
            "UPDATE apps SET destroyed_at = @now, name = @hidden WHERE id = @Id AND destroyed_at IS NULL",
            new { app.Id, now = time.GetUtcNow(), hidden = "trash-" + RandomNumberGenerator.GetHexString(40, lowercase: true) }) == 0)
        {
            return false;
        }

        var domains = transaction.All<string>("DELETE FROM domains WHERE app_id = @Id RETURNING name", new { app.Id });
        transaction.Execute(
            "INSERT INTO destroyed_apps(app_id, name, domains) VALUES (@Id, @Name, @domains)",
            new { app.Id, app.Name, domains = JsonSerializer.Serialize([.. domains], AppsJson.Default.StringArray) });
        transaction.Commit();
        return true;
    }

    /// <summary>Destroyed apps, under their own names, whose data lies where it lay: a crash came between.</summary>
    public IReadOnlyList<App> Unsettled() => Destroyed("settled = 0", time.GetUtcNow());

    /// <summary>Every slice has moved its data.</summary>
    public void Settle(long appId)
    {
        using var connection = database.Open();
        connection.Execute("UPDATE destroyed_apps SET settled = 1 WHERE app_id = @appId", new { appId });
    }

    /// <summary>Settled apps that were destroyed before <paramref name="before"/>.</summary>
    public IReadOnlyList<App> Expired(DateTimeOffset before) => Destroyed("settled = 1 AND destroyed_at < @before", before);

    /// <summary>Removes the rows of a destroyed app for good.</summary>
    public void Purge(long appId)
    {
        using var connection = database.Open();
        connection.Execute("DELETE FROM apps WHERE id = @appId AND destroyed_at IS NOT NULL", new { appId });
    }

    private static void RefuseTaken(Transaction transaction, AppName name, long? exceptApp)
    {
        // Names are unique over all teams: they are host names.
        if (transaction.Scalar<long>("SELECT count(*) FROM apps WHERE name = @name AND id IS NOT @exceptApp", new { name = name.ToString(), exceptApp }) > 0)
        {
            throw new UserError("app_name_taken", 409, $"The name '{name}' is taken: choose another.");
        }
    }

    private IReadOnlyList<App> Destroyed(string condition, DateTimeOffset before)
    {
        using var connection = database.Open();
        return [.. connection.Query<AppRow>(
            $"SELECT {Columns.Replace(" name,", " destroyed_apps.name,", StringComparison.Ordinal)} FROM apps JOIN destroyed_apps ON app_id = id WHERE {condition} ORDER BY id",
            new { before }).Select(row => row.ToApp())];
    }

    private sealed class AppRow
    {
        public long Id { get; init; }

        public long TeamId { get; init; }

        public string Name { get; init; } = "";

        public string? DeployBranch { get; init; }

        public string? HealthPath { get; init; }

        public int HealthTimeoutS { get; init; }

        public int DrainTimeoutS { get; init; }

        public int StopGraceS { get; init; }

        public int BuildTimeoutS { get; init; }

        public bool ReadOnlyRoot { get; init; }

        public string Buildpacks { get; init; } = "";

        public string Builder { get; init; } = "";

        public string? Dockerfile { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public App ToApp() => new()
        {
            Id = Id,
            TeamId = TeamId,
            Name = Name,
            DeployBranch = DeployBranch,
            HealthPath = HealthPath,
            HealthTimeout = TimeSpan.FromSeconds(HealthTimeoutS),
            DrainTimeout = TimeSpan.FromSeconds(DrainTimeoutS),
            StopGrace = TimeSpan.FromSeconds(StopGraceS),
            BuildTimeout = TimeSpan.FromSeconds(BuildTimeoutS),
            ReadOnlyRoot = ReadOnlyRoot,
            Buildpacks = Buildpacks,
            Builder = Builder,
            Dockerfile = Dockerfile,
            CreatedAt = CreatedAt,
        };
    }
}
