using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace Paas.State;

/// <summary>A number in memory that control and edge share: it grows with every commit of the database, before the commit's caller hears
/// of it. What the edge was told at one number holds no longer at another (docs/decisions/registry-grants.md).</summary>
/// <remarks>Control writes it, the edge maps it read-only. The mapping is one page and lasts as long as the process: SQLite keeps its address.</remarks>
public sealed unsafe partial class ChangeEpoch
{
    /// <summary>SQLite's own limit before it writes the log back into the file; whoever sets a hook takes that over (sqlite3_wal_hook).</summary>
    private const int CheckpointPages = 1000;

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly long* _value;

    private ChangeEpoch(FileStream file, MemoryMappedFileAccess access)
    {
        var mapped = MemoryMappedFile.CreateFromFile(file, null, sizeof(long), access, HandleInheritability.None, leaveOpen: false);
        var view = mapped.CreateViewAccessor(0, sizeof(long), access);

        // Never released: that keeps the page mapped.
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _value = (long*)(start + view.PointerOffset);
    }

    /// <summary>Never twice the same.</summary>
    public long Current => Volatile.Read(ref *_value);

    /// <summary>Control's. What an earlier run wrote goes on: it may have ended between a commit and the next number.</summary>
    public static ChangeEpoch Open(string file)
    {
        var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var isNew = stream.Length != sizeof(long);
        stream.SetLength(sizeof(long));
        File.SetUnixFileMode(file, Mode);
        var epoch = new ChangeEpoch(stream, MemoryMappedFileAccess.ReadWrite);

        // Somewhere else than a file that somebody removed, which an edge may still see.
        Interlocked.Add(ref *epoch._value, isNew ? BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) >> 2 : 1);
        return epoch;
    }

    /// <summary>The edge's; null: control has not made it yet.</summary>
    public static ChangeEpoch? TryRead(string file)
    {
        try
        {
            var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length == sizeof(long))
            {
                return new ChangeEpoch(stream, MemoryMappedFileAccess.Read);
            }

            stream.Dispose();
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>For what control keeps in memory only: after it has forgotten what changed, before it answers.</summary>
    public void Raise() => Interlocked.Increment(ref *_value);

    /// <summary>Every commit of this connection raises it from now on, the change visible and not yet answered.</summary>
    internal void Follow(SqliteConnection connection) => _ = WalHook(connection.Handle!.DangerousGetHandle(), &Committed, _value);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Committed(void* value, nint connection, byte* schema, int pages)
    {
        Interlocked.Increment(ref *(long*)value);
        if (pages >= CheckpointPages)
        {
            // One that is refused comes with a later commit.
            _ = Checkpoint(connection, schema);
        }

        return 0;
    }

    // SQLitePCLRaw has neither of the two.
    [LibraryImport(Database.Library, EntryPoint = "sqlite3_wal_hook")]
    private static partial void* WalHook(nint connection, delegate* unmanaged[Cdecl]<void*, nint, byte*, int, int> hook, void* value);

    [LibraryImport(Database.Library, EntryPoint = "sqlite3_wal_checkpoint")]
    private static partial int Checkpoint(nint connection, byte* schema);
}
