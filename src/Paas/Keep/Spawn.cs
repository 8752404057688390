using System.Runtime.InteropServices;

namespace Paas.Keep;

/// <summary>posix_spawn(3) of a process that outlives this one: .NET's own Process can neither append to a file nor start a session.</summary>
internal static partial class Spawn
{
    /// <summary>glibc's opaque posix_spawn_file_actions_t and posix_spawnattr_t are 80 and 336 bytes; musl's are smaller.</summary>
    private const int Opaque = 512;

    private const short SetSigDef = 0x04;
    private const short SetSigMask = 0x08;
    private const short SetSid = 0x80;
    private const int WriteOnly = 1;
    private const int Create = 0x40;
    private const int Append = 0x400;
    private const int LogMode = 0x1a0;

    /// <summary>The new process's pid.</summary>
    /// <exception cref="IOException">It could not be started; the message names the program and the reason.</exception>
    public static unsafe int Detached(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, string log)
    {
        var actions = stackalloc byte[Opaque];
        var attributes = stackalloc byte[Opaque];
        var signals = stackalloc byte[128];
        _ = ActionsInit(actions);
        _ = AttributesInit(attributes);
        var argv = Strings(arguments);
        var envp = Strings(environment);
        try
        {
            _ = ActionsAddOpen(actions, 0, "/dev/null", 0, 0);
            _ = ActionsAddOpen(actions, 1, log, WriteOnly | Create | Append, LogMode);
            _ = ActionsAddDup2(actions, 1, 2);

            // .NET ignores SIGPIPE and blocks some signals on its threads: a child starts with neither.
            new Span<byte>(signals, 128).Clear();
            _ = AttributesSetMask(attributes, signals);
            new Span<byte>(signals, 128).Fill(0xff);
            _ = AttributesSetDefault(attributes, signals);
            _ = AttributesSetFlags(attributes, SetSid | SetSigMask | SetSigDef);
            var error = PosixSpawn(out var pid, arguments[0], actions, attributes, argv, envp);
            return error == 0 ? pid : throw new IOException($"Cannot start {arguments[0]}: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
        finally
        {
            _ = ActionsDestroy(actions);
            _ = AttributesDestroy(attributes);
            Free(argv);
            Free(envp);
        }
    }

    private static unsafe byte** Strings(IReadOnlyList<string> values)
    {
        var array = (byte**)NativeMemory.AllocZeroed((nuint)(values.Count + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < values.Count; i++)
        {
            array[i] = (byte*)Marshal.StringToCoTaskMemUTF8(values[i]);
        }

        return array;
    }

    private static unsafe void Free(byte** array)
    {
        for (var entry = array; *entry is not null; entry++)
        {
            Marshal.FreeCoTaskMem((nint)(*entry));
        }

        NativeMemory.Free(array);
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int PosixSpawn(out int pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static unsafe partial int ActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static unsafe partial int ActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int ActionsAddOpen(byte* actions, int fd, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static unsafe partial int ActionsAddDup2(byte* actions, int fd, int target);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static unsafe partial int AttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static unsafe partial int AttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static unsafe partial int AttributesSetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static unsafe partial int AttributesSetMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static unsafe partial int AttributesSetDefault(byte* attributes, byte* signals);
}
