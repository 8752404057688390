using System.Diagnostics;

namespace Paas.Keep;

/// <summary>flock(2) on a file of the home: held by one process, and given back by the kernel when that process dies.</summary>
internal static class HomeLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Null: another process has it.</summary>
    public static FileStream? TryTake(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(file))
        {
            return null;
        }
    }

    /// <exception cref="TimeoutException">Another process held it for 30 s.</exception>
    public static FileStream Wait(string file)
    {
        var began = Stopwatch.StartNew();
        using var pause = new ManualResetEventSlim();
        while (began.Elapsed < Patience)
        {
            if (TryTake(file) is { } taken)
            {
                return taken;
            }

            pause.Wait(20);
        }

        throw new TimeoutException($"Another process has held {file} for {Patience.TotalSeconds:0} s.");
    }
}
