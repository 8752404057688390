using System.Text.RegularExpressions;
using Dapper;
using Paas.State;

namespace Paas.Accounts;

/// <summary>Teams and users in the database. One team for now; everything is filtered by team already.</summary>
public sealed partial class AccountStore(Database database, TimeProvider time)
{
    private const string FirstTeam = "default";
    private const string FirstUser = "admin";

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameGrammar { get; }

    /// <summary>Makes team and administrator on an empty platform; later finds the user.</summary>
    /// <param name="name">Null: the first user; "admin" where there is none yet.</param>
    /// <returns>Id and name of the user.</returns>
    /// <exception cref="UserError">user_name_invalid, or user_not_found on a platform that has users.</exception>
    public (long Id, string Name) Bootstrap(string? name)
    {
        using var transaction = database.Begin();
        if (transaction.One<string>("SELECT name FROM users ORDER BY id LIMIT 1") is { } first)
        {
            var wanted = name ?? first;
            return transaction.Scalar<long?>("SELECT id FROM users WHERE name = @wanted", new { wanted }) is { } known
                ? (known, wanted)
                : throw new UserError("user_not_found", 404, $"There is no such user. The first one is '{first}'.");
        }

        var team = AddTeam(transaction, FirstTeam);
        var user = AddUser(transaction, team, name ?? FirstUser);
        transaction.Commit();
        return (user, name ?? FirstUser);
    }

    public bool HasUsers()
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long>("SELECT EXISTS (SELECT 1 FROM users)") == 1;
    }

    public string TeamName(long teamId)
    {
        using var connection = database.Open();
        return connection.QuerySingle<string>("SELECT name FROM teams WHERE id = @teamId", new { teamId });
    }

    /// <summary>The first user is the platform's administrator.</summary>
    public bool IsAdministrator(long userId)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long?>("SELECT min(id) FROM users") == userId;
    }

    /// <summary>Null on an empty platform.</summary>
    public long? AdministratorsTeam()
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long?>("SELECT team_id FROM users ORDER BY id LIMIT 1");
    }

    /// <summary>The team of the user, or of the administrator where there is no such user; null on an empty platform.</summary>
    public long? TeamToTell(string userName)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long?>("SELECT team_id FROM users ORDER BY name = @userName DESC, id LIMIT 1", new { userName });
    }

    /// <exception cref="UserError">team_name_invalid or team_name_taken.</exception>
    public long AddTeam(string name)
    {
        using var transaction = database.Begin();
        var id = AddTeam(transaction, name);
        transaction.Commit();
        return id;
    }

    /// <exception cref="UserError">user_name_invalid or user_name_taken.</exception>
    public long AddUser(long teamId, string name)
    {
        using var transaction = database.Begin();
        var id = AddUser(transaction, teamId, name);
        transaction.Commit();
        return id;
    }

    private long AddTeam(Transaction transaction, string name)
    {
        CheckName("team", name, transaction.Scalar<long>("SELECT count(*) FROM teams WHERE name = @name", new { name }) > 0);
        return transaction.Scalar<long>("INSERT INTO teams(name, created_at) VALUES (@name, @now) RETURNING id", new { name, now = time.GetUtcNow() });
    }

    private long AddUser(Transaction transaction, long teamId, string name)
    {
        CheckName("user", name, transaction.Scalar<long>("SELECT count(*) FROM users WHERE name = @name", new { name }) > 0);
        return transaction.Scalar<long>(
            "INSERT INTO users(team_id, name, created_at) VALUES (@teamId, @name, @now) RETURNING id", new { teamId, name, now = time.GetUtcNow() });
    }

    private static void CheckName(string kind, string name, bool taken)
    {
        if (!NameGrammar.IsMatch(name))
        {
            throw new UserError($"{kind}_name_invalid", 400, $"The name of a {kind} has 1 to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit.");
        }

        if (taken)
        {
            throw new UserError($"{kind}_name_taken", 409, $"There is a {kind} named '{name}' already: choose another name.");
        }
    }
}
