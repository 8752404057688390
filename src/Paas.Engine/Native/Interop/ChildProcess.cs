using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Paas.Engine.Native.Interop;

/// <summary>One program, started with an argument array (never a shell), clean signals and only the descriptors it is given.</summary>
internal sealed partial class ChildProcess
{
    private const int SpawnSetSignalMask = 0x08;
    private const int SpawnSetSignalDefault = 0x04;
    private const int SpawnSetSession = 0x80;
    private const int DuplicateCloseOnExec = 1030;

    private ChildProcess(int pid)
    {
        Pid = pid;
        Ended = WaitAsync();
    }

    public int Pid { get; }

    /// <summary>Exit code; 128+n for signal n.</summary>
    public Task<int> Ended { get; }

    /// <param name="arguments">The first is the program's absolute path.</param>
    /// <param name="environment">NAME=value; the whole of it.</param>
    /// <param name="descriptors">Ours to the child's; 0, 1 and 2 are /dev/null when not named. Ours stay open here.</param>
    public static unsafe ChildProcess Start(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, IReadOnlyList<(int Ours, int Childs)> descriptors)
    {
        // Above every number the child is given, so that no dup2 overwrites the source of a later one.
        var high = descriptors.Select(pair => ((int)Libc.Check(Libc.Control(pair.Ours, DuplicateCloseOnExec, 64), "dup"), pair.Childs)).ToArray();
        var actions = NativeMemory.AllocZeroed(256);
        var attributes = NativeMemory.AllocZeroed(512);
        var signals = stackalloc byte[128];
        FileActionsInit(actions);
        AttributesInit(attributes);
        using var argv = new Utf8Array(arguments);
        using var envp = new Utf8Array(environment);
        try
        {
            for (var standard = 0; standard < 3; standard++)
            {
                if (!high.Any(pair => pair.Childs == standard))
                {
                    AddOpen(actions, standard, "/dev/null", Libc.O_RDWR, 0);
                }
            }

            foreach (var (ours, childs) in high)
            {
                AddDuplicate(actions, ours, childs);
            }

            // .NET ignores SIGPIPE, and what is ignored stays ignored across exec.
            new Span<byte>(signals, 128).Clear();
            SetSignalMask(attributes, signals);
            FillSignals(signals);
            SetSignalDefault(attributes, signals);
            SetFlags(attributes, SpawnSetSignalMask | SpawnSetSignalDefault | SpawnSetSession);
            var error = Spawn(out var pid, argv.Pointer[0], actions, attributes, argv.Pointer, envp.Pointer);
            return error == 0 ? new ChildProcess(pid) : throw new Win32Exception(error, $"{arguments[0]} cannot be started: {Marshal.GetPInvokeErrorMessage(error)}");
        }
        finally
        {
            FileActionsDestroy(actions);
            AttributesDestroy(attributes);
            NativeMemory.Free(actions);
            NativeMemory.Free(attributes);
            foreach (var (ours, _) in high)
            {
                Libc.Close(ours);
            }
        }
    }

    public void Kill() => Libc.Kill(Pid, Libc.SIGKILL);

    private async Task<int> WaitAsync()
    {
        await PidWatch.EndOfAsync(Pid, startTime: null);
        return Reap();
    }

    private int Reap()
    {
        int status;
        while (Libc.WaitPid(Pid, out status, 0) < 0)
        {
            if (Libc.LastError != Libc.EINTR)
            {
                return -1;
            }
        }

        var signal = status & 0x7f;
        return signal != 0 ? 128 + signal : (status >> 8) & 0xff;
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    private static unsafe partial int Spawn(out int pid, byte* path, void* actions, void* attributes, byte** argv, byte** envp);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static unsafe partial void FileActionsInit(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static unsafe partial void FileActionsDestroy(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static unsafe partial void AddDuplicate(void* actions, int ours, int childs);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial void AddOpen(void* actions, int descriptor, string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static unsafe partial void AttributesInit(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static unsafe partial void AttributesDestroy(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static unsafe partial void SetFlags(void* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static unsafe partial void SetSignalMask(void* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static unsafe partial void SetSignalDefault(void* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static unsafe partial void FillSignals(byte* signals);

    /// <summary>A null-terminated array of null-terminated strings, as exec wants it.</summary>
    private sealed unsafe class Utf8Array : IDisposable
    {
        private readonly int _count;

        public Utf8Array(IReadOnlyList<string> texts)
        {
            _count = texts.Count;
            Pointer = (byte**)NativeMemory.Alloc((nuint)(_count + 1) * (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
            {
                Pointer[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
            }

            Pointer[_count] = null;
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
            {
                Marshal.FreeCoTaskMem((nint)Pointer[i]);
            }

            NativeMemory.Free(Pointer);
        }
    }
}
