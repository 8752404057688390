using System.Globalization;
using System.Runtime.InteropServices;

namespace Paas.Keep;

/// <summary>A role that a killed keeper left running.</summary>
internal sealed partial class RoleProcess
{
    private const int SysPidfdOpen = 434;
    private const int SysPidfdSendSignal = 424;
    private const short PollIn = 1;
    private const int SigKill = 9;
    private const int SigTerm = 15;

    private readonly int _pidfd;
    private readonly Task _ended;

    private RoleProcess(int pidfd)
    {
        _pidfd = pidfd;
        _ended = Task.Factory.StartNew(() => WaitForEnd(pidfd), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The process that <paramref name="file"/> names by pid and start time, if it is still the same one; null: it is gone.</summary>
    public static RoleProcess? Find(string file)
    {
        if (!File.Exists(file)
            || File.ReadAllText(file).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is not [var pidText, var startText]
            || !int.TryParse(pidText, CultureInfo.InvariantCulture, out var pid)
            || !long.TryParse(startText, CultureInfo.InvariantCulture, out var start))
        {
            return null;
        }

        var pidfd = (int)PidfdOpen(SysPidfdOpen, pid, 0);
        if (pidfd < 0)
        {
            return null;
        }

        // Asked after the open: the pid may have been given to another process before it.
        if (StartTimeOf(pid) == start)
        {
            return new RoleProcess(pidfd);
        }

        _ = Close(pidfd);
        return null;
    }

    /// <summary>SIGTERM, and SIGKILL if it is still there after <paramref name="patience"/>. Returns when it has ended; can be called once.</summary>
    /// <remarks>By pidfd: it is nobody's child here, and its pid another's as soon as it has ended.</remarks>
    public async Task EndAsync(TimeSpan patience, TimeProvider time)
    {
        _ = SendSignal(SysPidfdSendSignal, _pidfd, SigTerm, 0, 0);
        try
        {
            await _ended.WaitAsync(patience, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            _ = SendSignal(SysPidfdSendSignal, _pidfd, SigKill, 0, 0);
            await _ended;
        }

        _ = Close(_pidfd);
    }

    /// <summary>proc(5), stat, field 22: ticks since boot. With the pid it names one process for good. Null: there is none, or it is dead.</summary>
    internal static long? StartTimeOf(int pid)
    {
        try
        {
            // The second field is the name in parentheses, which may hold blanks and parentheses itself.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void WaitForEnd(int pidfd)
    {
        var poll = new PollFd { Fd = pidfd, Events = PollIn };
        while (Poll(ref poll, 1, -1) < 0)
        {
            // EINTR: a signal of this process.
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Fd;
        public short Events;
        public short Revents;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long PidfdOpen(long number, long pid, long flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollFd fds, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SendSignal(long number, long pidfd, long signal, nint information, long flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int fd);
}
