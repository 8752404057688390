using System.Runtime.InteropServices;

namespace Paas;

/// <summary>Gives memory back to the machine's apps when a role has come to rest. The runtime keeps what a burst of work needed for the
/// next one; on a small server that is another app's room.</summary>
internal static partial class IdleMemory
{
    private const long AtRest = 4 << 20;
    private const long Worthwhile = 8 << 20;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

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
        var (seen, collected) = (GC.GetTotalAllocatedBytes(), -Worthwhile);
        try
        {
            while (true)
            {
                await Task.Delay(Look, time, cancellationToken);
                var allocated = GC.GetTotalAllocatedBytes();
                if (IsDue(allocated - seen, allocated - collected))
                {
                    // Aggressive: the free regions go back to the kernel, not only to the runtime's own lists.
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    TrimNative(0);
                    collected = allocated;
                }

                seen = allocated;
            }
        }
        catch (OperationCanceledException)
        {
            // The role has ended.
        }
    }

    /// <summary>At rest now, and enough was allocated since the last time to be worth some milliseconds.</summary>
    /// <param name="sinceLook">Bytes.</param>
    /// <param name="sinceCollection">Bytes.</param>
    internal static bool IsDue(long sinceLook, long sinceCollection) => sinceLook < AtRest && sinceCollection > Worthwhile;

    /// <summary>malloc_trim(3) of glibc, which every system that we are built for has.</summary>
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial void TrimNative(nuint pad);
}
