using System.Globalization;

namespace Paas.Engine.Native.Interop;

/// <summary>Tells when a process has ended, whoever its parent is.</summary>
internal static class PidWatch
{
    /// <summary>Completes when the process has ended; at once when it has already, or its pid is another process by now.</summary>
    /// <param name="startTime">As <see cref="StartTime"/> said; null: any.</param>
    public static async Task EndOfAsync(int pid, long? startTime)
    {
        var descriptor = Libc.OpenPid(pid);
        if (descriptor < 0)
        {
            return;
        }

        try
        {
            // Compared after the open: from here on the descriptor names that process and no later one.
            if (startTime is null || StartTime(pid) == startTime)
            {
                await Epoll.WaitAsync(descriptor, Epoll.Readable, CancellationToken.None);
            }
        }
        finally
        {
            Libc.Close(descriptor);
        }
    }

    /// <summary>Clock ticks since boot when the process started (field 22 of /proc/PID/stat, proc(5)); null when there is none
    /// or it is a zombie. With the pid it names a process for good within one boot.</summary>
    public static long? StartTime(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Is the process of that pid still the one that started then?</summary>
    public static bool Lives(int pid, long startTime) => pid > 0 && StartTime(pid) == startTime;

    /// <summary>Signals that process and no later one with its pid; "gone" is success.</summary>
    public static void Signal(int pid, long startTime, int signal)
    {
        var descriptor = Libc.OpenPid(pid);
        if (descriptor < 0)
        {
            return;
        }

        if (StartTime(pid) == startTime)
        {
            Libc.SignalPid(descriptor, signal);
        }

        Libc.Close(descriptor);
    }
}
