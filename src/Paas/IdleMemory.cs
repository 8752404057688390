using System.Globalization;
using System.Runtime.InteropServices;

namespace Paas;

/// <summary>Gives memory back to the machine's apps when a role has come to rest. The runtime keeps what a burst of work needed for the
/// next one; on a small server that is another app's room.</summary>
internal static partial class IdleMemory
{
    private const long AtRest = 4 << 20;
    private const long Worthwhile = 8 << 20;
    private const int DontNeed = 4;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WorkAtRest = Look / 20;

    /// <summary>Runs a role and looks after its memory until it ends.</summary>
    /// <returns>The role's exit code.</returns>
    public static async Task<int> AroundAsync(Task<int> role, TimeProvider time)
    {
        using var end = new CancellationTokenSource();
        var watch = WatchAsync(time, end.Token);
        try
        {
            return await role;
        }
        finally
        {
            await end.CancelAsync();
            await watch;
        }
    }

    private static async Task WatchAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        // What a start leaves behind is always worth it: an edge at rest allocates too little to come to it otherwise, and holds 17 MB.
        var (seen, worked, collected) = (GC.GetTotalAllocatedBytes(), Environment.CpuUsage.TotalTime, -Worthwhile);
        HashSet<Range>? unchanged = null;
        try
        {
            while (true)
            {
                await Task.Delay(Look, time, cancellationToken);
                if (unchanged is not null)
                {
                    ForgetCode(unchanged);
                    unchanged = null;
                }

                var (allocated, work) = (GC.GetTotalAllocatedBytes(), Environment.CpuUsage.TotalTime);
                if (IsDue(allocated - seen, work - worked, allocated - collected))
                {
                    // Aggressive: the free regions go back to the kernel, not only to the runtime's own lists.
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    TrimNative(0);
                    unchanged = UnchangedNow();
                    collected = allocated;
                }

                (seen, worked) = (allocated, work);
            }
        }
        catch (OperationCanceledException)
        {
            // The role has ended.
        }
    }

    /// <summary>At rest now, and enough was allocated since the last time to be worth some milliseconds.</summary>
    /// <param name="sinceLook">Bytes.</param>
    /// <param name="work">Processor time since the last look: who sends image after image allocates next to nothing.</param>
    /// <param name="sinceCollection">Bytes.</param>
    internal static bool IsDue(long sinceLook, TimeSpan work, long sinceCollection) => sinceLook < AtRest && work < WorkAtRest && sinceCollection > Worthwhile;

    /// <summary>Unmaps the pages of programs and libraries that nobody has changed. What is still in use comes back from the page cache by
    /// itself, some milliseconds in all; what only the start needed, a third of the whole process, is the kernel's to give to others.</summary>
    /// <param name="before">The ranges of the last look. One that is there again is no file that is opened for a moment, whose address could be
    /// another's before the advice is given.</param>
    internal static void ForgetCode(IReadOnlySet<Range> before)
    {
        foreach (var range in UnchangedNow().Where(before.Contains))
        {
            // Advice: it may be declined.
            _ = Advise((nint)range.Start, (nuint)(range.End - range.Start), DontNeed);
        }
    }

    internal static HashSet<Range> UnchangedNow() => [.. UnchangedFiles(File.ReadLines("/proc/self/smaps"))];

    /// <summary>proc(5), smaps: ranges that show a file as it is on disk, and through which nobody can write. Code that was changed in memory
    /// before it was sealed (relocations) has pages of its own ("Anonymous", or in "Swap"), which would be lost.</summary>
    internal static IEnumerable<Range> UnchangedFiles(IEnumerable<string> smaps)
    {
        Range? range = null;
        foreach (var line in smaps)
        {
            var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (fields is [var addresses, var permissions, _, _, var inode, ..] && addresses.Split('-') is [var from, var to])
            {
                range = permissions is "r-xp" or "r--s" && inode != "0"
                    ? new Range(ulong.Parse(from, NumberStyles.HexNumber, CultureInfo.InvariantCulture), ulong.Parse(to, NumberStyles.HexNumber, CultureInfo.InvariantCulture))
                    : null;
            }
            else if (fields is ["Anonymous:", not "0", "kB"])
            {
                range = null;
            }
            else if (range is { } unchanged && fields is ["Swap:", "0", "kB"])
            {
                yield return unchanged;
            }
        }
    }

    /// <summary>Addresses, the end excluded.</summary>
    internal readonly record struct Range(ulong Start, ulong End);

    /// <summary>madvise(2).</summary>
    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);

    /// <summary>malloc_trim(3) of glibc, which every system that we are built for has.</summary>
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial void TrimNative(nuint pad);
}
