using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Paas.Engine.Native.Interop;

/// <summary>Waits for descriptors (pidfds, our ends of pipes) on one thread, whatever their number.</summary>
internal static partial class Epoll
{
    public const uint Readable = 1;
    public const uint Writable = 4;

    private const uint OneShot = 1u << 30;
    private const int Add = 1;
    private const int Delete = 2;

    /// <summary>Where struct epoll_event has its data, in ints: it is packed on x86_64, aligned to 8 bytes elsewhere.</summary>
    private static readonly int Data = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 1 : 2;

    /// <summary>By ticket, not by descriptor: an event that was read before a cancelled wait closed its descriptor must not end the wait
    /// of whoever got that number next.</summary>
    private static readonly ConcurrentDictionary<long, Wait> Waiting = new();
    private static readonly Lazy<int> Set = new(StartThread);

    private static long _lastTicket;

    /// <summary>Completes when the descriptor is ready or in error. One wait for a descriptor at a time; it must stay open until then.</summary>
    public static async Task WaitAsync(int descriptor, uint events, CancellationToken cancellationToken)
    {
        var ticket = Interlocked.Increment(ref _lastTicket);
        var wait = new Wait(descriptor, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        Waiting[ticket] = wait;
        try
        {
            Register(descriptor, events | OneShot, ticket);
        }
        catch
        {
            Waiting.TryRemove(ticket, out _);
            throw;
        }

        await using var cancel = cancellationToken.Register(() =>
        {
            if (Waiting.TryRemove(ticket, out _))
            {
                Forget(descriptor);
                wait.Ready.SetCanceled(cancellationToken);
            }
        });
        await wait.Ready.Task;
    }

    private static unsafe void Register(int descriptor, uint events, long ticket)
    {
        var wanted = stackalloc int[4];
        wanted[0] = (int)events;
        *(long*)(wanted + Data) = ticket;
        Libc.Check(EpollControl(Set.Value, Add, descriptor, wanted), "epoll_ctl");
    }

    private static unsafe void Forget(int descriptor)
    {
        var unused = stackalloc int[4];
        EpollControl(Set.Value, Delete, descriptor, unused);
    }

    private static int StartThread()
    {
        var set = EpollCreate(Libc.O_CLOEXEC);
        Libc.Check(set, "epoll_create1");
        new Thread(() => Watch(set)) { IsBackground = true, Name = "epoll" }.Start();
        return set;
    }

    private static unsafe void Watch(int set)
    {
        var events = stackalloc int[32 * 4];
        while (true)
        {
            var count = EpollWait(set, events, 32, -1);
            for (var i = 0; i < count; i++)
            {
                if (Waiting.TryRemove(*(long*)(events + (i * (Data + 2)) + Data), out var wait))
                {
                    Forget(wait.Descriptor);
                    wait.Ready.SetResult();
                }
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static unsafe partial int EpollControl(int epoll, int operation, int descriptor, int* wanted);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static unsafe partial int EpollWait(int epoll, int* events, int size, int milliseconds);

    private sealed record Wait(int Descriptor, TaskCompletionSource Ready);
}
