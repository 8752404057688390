using System.Reflection;
using System.Runtime.InteropServices;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Paas.State;

/// <summary>The one SQLite file (WAL). Slices keep their own stores on top and their own numbered SQL files in State/Migrations.</summary>
/// <remarks>The driver ships no native library: "e_sqlite3" is resolved to the distribution's libsqlite3, which apt patches
/// (docs/decisions/sqlite-driver.md).</remarks>
public sealed class Database
{
    /// <summary>As the loader knows it.</summary>
    internal const string Library = "libsqlite3.so.0";

    private readonly string _connectionString;

    static Database()
    {
        NativeLibrary.SetDllImportResolver(
            typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly,
            static (name, _, _) => name == "e_sqlite3" ? NativeLibrary.Load(Library) : 0);
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
        SqlMapper.AddTypeHandler(new TimestampHandler());
    }

    /// <param name="epoch">Grows with every commit; null: nobody asks.</param>
    public Database(string file, ChangeEpoch? epoch = null)
    {
        _connectionString = new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true, Pooling = true, DefaultTimeout = 30 }.ToString();
        Epoch = epoch;
    }

    /// <summary>Null: commits are not counted here.</summary>
    public ChangeEpoch? Epoch { get; }

    /// <summary>An open connection from the pool; dispose it soon.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();

        // One from the pool may come from somebody whose count was another.
        Epoch?.Follow(connection);
        return connection;
    }

    /// <summary>An open connection inside a write transaction (BEGIN IMMEDIATE: it waits its turn instead of failing late).</summary>
    public Transaction Begin() => new(Open());

    /// <summary>Brings the file to the newest schema; each numbered file runs once, in its own transaction.</summary>
    public void Migrate()
    {
        using var connection = Open();
        File.SetUnixFileMode(connection.DataSource, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        connection.Execute("PRAGMA journal_mode=WAL");
        connection.Execute("CREATE TABLE IF NOT EXISTS migrations(number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT");
        var done = connection.Query<long>("SELECT number FROM migrations").ToHashSet();
        foreach (var (number, name) in Scripts())
        {
            if (done.Contains(number))
            {
                continue;
            }

            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
            using var reader = new StreamReader(stream);
            using var transaction = connection.BeginTransaction(deferred: false);
            connection.Execute(reader.ReadToEnd(), transaction: transaction);
            connection.Execute("INSERT INTO migrations(number, name) VALUES (@number, @name)", new { number, name }, transaction);
            transaction.Commit();
        }
    }

    private static IEnumerable<(long Number, string Name)> Scripts() =>
        Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Select(name => (long.Parse(name.Split('_')[0], System.Globalization.CultureInfo.InvariantCulture), name))
            .OrderBy(script => script.Item1);
}

/// <summary>A write transaction with its connection; disposing without a commit rolls back.</summary>
public sealed class Transaction(SqliteConnection connection) : IDisposable
{
    private readonly SqliteTransaction _transaction = connection.BeginTransaction(deferred: false);

    public int Execute(string sql, object? parameters = null) => connection.Execute(sql, parameters, _transaction);

    public T? Scalar<T>(string sql, object? parameters = null) => connection.ExecuteScalar<T>(sql, parameters, _transaction);

    public T? One<T>(string sql, object? parameters = null) => connection.QuerySingleOrDefault<T>(sql, parameters, _transaction);

    public IReadOnlyList<T> All<T>(string sql, object? parameters = null) => connection.Query<T>(sql, parameters, _transaction).AsList();

    public void Commit() => _transaction.Commit();

    public void Dispose()
    {
        _transaction.Dispose();
        connection.Dispose();
    }
}
