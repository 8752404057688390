using System.Globalization;
using System.Runtime.InteropServices;

namespace Paas.Keep;

/// <summary>A running role: a child of this process, or one that an earlier `paasd keep` left behind. Outlives the process that holds it.</summary>
internal sealed partial class RoleProcess
{
    private const int SysPidfdOpen = 434;
    private const int NoHang = 1;
    private const short PollIn = 1;
    private const int SigKill = 9;
    private const int SigTerm = 15;

    private RoleProcess(int pid, long startTime, int pidfd)
    {
        (Pid, StartTime) = (pid, startTime);
        Ended = Task.Factory.StartNew(() => WaitForEnd(pidfd), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public int Pid { get; }

    /// <summary>proc(5), stat, field 22: ticks since boot. With the pid it names one process for good.</summary>
    public long StartTime { get; }

    /// <summary>"exited with code 1", "was killed by signal 9", or "ended" for one that was adopted.</summary>
    public Task<string> Ended { get; }

    /// <summary>Starts a program in a session of its own: signals of this process's terminal are not its own.</summary>
    /// <param name="arguments">The first is the program, by absolute path.</param>
    /// <param name="environment">All of it, as NAME=value.</param>
    /// <param name="log">Standard output and error are appended to it.</param>
    public static RoleProcess Start(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, string log) =>
        Of(Spawn.Detached(arguments, environment, log)) ?? throw new IOException($"{arguments[0]} ended as soon as it was started; {log} may tell why.");

    /// <summary>The process that <paramref name="file"/> names, if it is still the same one; null: it is gone.</summary>
    public static RoleProcess? Adopt(string file)
    {
        if (!File.Exists(file)
            || File.ReadAllText(file).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is not [var pidText, var startText]
            || !int.TryParse(pidText, CultureInfo.InvariantCulture, out var pid)
            || !long.TryParse(startText, CultureInfo.InvariantCulture, out var start))
        {
            return null;
        }

        if (StartTimeOf(pid) != start || Of(pid) is not { } process)
        {
            return null;
        }

        // The pid may have been given to another process between the look and the open.
        return process.StartTime == start ? process : null;
    }

    public void WriteTo(string file)
    {
        File.WriteAllText(file + ".new", string.Create(CultureInfo.InvariantCulture, $"{Pid} {StartTime}\n"));
        File.Move(file + ".new", file, overwrite: true);
    }

    public void Terminate() => Signal(SigTerm);

    public void Kill() => Signal(SigKill);

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

    private static RoleProcess? Of(int pid)
    {
        var pidfd = (int)PidfdOpen(SysPidfdOpen, pid, 0);
        if (pidfd < 0)
        {
            return null;
        }

        if (StartTimeOf(pid) is { } start)
        {
            return new RoleProcess(pid, start, pidfd);
        }

        // Dead before it was looked at, but its status is still there to be taken.
        return new RoleProcess(pid, 0, pidfd);
    }

    private void Signal(int signal)
    {
        if (!Ended.IsCompleted)
        {
            _ = KillProcess(Pid, signal);
        }
    }

    private string WaitForEnd(int pidfd)
    {
        var poll = new PollFd { Fd = pidfd, Events = PollIn };
        while (Poll(ref poll, 1, -1) < 0)
        {
            // EINTR: a signal of this process.
        }

        _ = Close(pidfd);
        if (WaitPid(Pid, out var status, NoHang) != Pid)
        {
            return "ended";
        }

        return (status & 0x7f) is var signal and not 0 ? $"was killed by signal {signal}" : $"exited with code {(status >> 8) & 0xff}";
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

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int pid, out int status, int options);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillProcess(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int fd);
}
