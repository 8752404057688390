using Paas.Apps;
using Paas.State;

namespace Paas.Testing;

/// <summary>A platform home with a migrated database in a directory of its own, removed with it.</summary>
public sealed class TempHome : IDisposable
{
    public TempHome()
    {
        Home = new PlatformHome(Directory.CreateTempSubdirectory("paas-test-").FullName);
        Directory.CreateDirectory(Home.Run);
        Database = new Database(Home.DatabaseFile);
        Database.Migrate();
    }

    public PlatformHome Home { get; }

    public Database Database { get; }

    public PlatformAddress Address { get; } = new(new Uri("http://localhost:8080"), "localhost");

    /// <summary>Apps on this home, with the real cipher.</summary>
    public AppStore Apps() => new(Database, new ConfigCipher(Home, mayMakeKey: true), Address, TimeProvider.System);

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Home.Root, recursive: true);
    }
}
