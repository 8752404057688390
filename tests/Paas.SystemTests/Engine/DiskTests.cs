using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Paas.Engine.Native.Disk;

namespace Paas.Engine;

public sealed class DiskTests : IAsyncDisposable
{
    private const long Megabyte = 1024 * 1024;
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-disk-").FullName;

    [Fact]
    public async Task A_loop_file_is_capped_and_leaves_nothing()
    {
        var file = Path.Combine(_directory, "a.ext4");
        var point = Path.Combine(_directory, "a");
        var started = Stopwatch.GetTimestamp();
        var loop = await LoopFile.CreateAsync(file, point, 64 * Megabyte, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"create ms: {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.0}");
        Assert.SkipUnless(loop.Capped, loop.Missing ?? "");
        Assert.Empty(Directory.EnumerateFileSystemEntries(point));
        Assert.Single(Loops(file));
        await Assert.ThrowsAsync<IOException>(() => File.WriteAllBytesAsync(Path.Combine(point, "big"), new byte[80 * Megabyte], TestContext.Current.CancellationToken));

        started = Stopwatch.GetTimestamp();
        await loop.DisposeAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"dispose ms: {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.0}");
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory));
        await DetachedAsync(file);
        await loop.DisposeAsync();
    }

    [Fact]
    public async Task A_sweep_removes_what_a_killed_control_left()
    {
        var builds = Path.Combine(_directory, "builds");
        var file = Path.Combine(builds, "1.ext4");
        await LoopFile.CreateAsync(file, Path.Combine(builds, "1"), 64 * Megabyte, TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(builds, "1", "deep"));
        LoopFile.Sweep(builds);
        Assert.False(Directory.Exists(builds));
        await DetachedAsync(file);
        LoopFile.Sweep(builds);
    }

    [Fact]
    public async Task A_file_system_still_in_use_leaves_the_tree_and_its_device_with_the_last_user()
    {
        var file = Path.Combine(_directory, "a.ext4");
        var loop = await LoopFile.CreateAsync(file, Path.Combine(_directory, "a"), 64 * Megabyte, TestContext.Current.CancellationToken);
        Assert.SkipUnless(loop.Capped, loop.Missing ?? "");
        await using (File.Create(Path.Combine(loop.MountPoint, "open")))
        {
            await loop.DisposeAsync();
            Assert.Empty(MountTable.Below(_directory));
        }

        while (Loops(file).Count > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Uppers_outlive_control_and_begin_empty_after_a_reboot()
    {
        var options = new UppersOptions(_directory, 64 * Megabyte);
        var first = new Uppers(options, NullLogger.Instance);
        await first.StartAsync(TestContext.Current.CancellationToken);
        Assert.SkipUnless(first.Capped, first.Missing ?? "");
        var upper = first.Create("hello.v1.web.1");
        await File.WriteAllTextAsync(Path.Combine(upper, "upper", "mine"), "x", TestContext.Current.CancellationToken);

        var second = new Uppers(options, NullLogger.Instance);
        await second.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(second.Capped);
        Assert.Equal(["hello.v1.web.1"], second.Ids());
        Assert.True(File.Exists(Path.Combine(upper, "upper", "mine")));

        LoopDevice.Unmount(first.MountPoint);
        var third = new Uppers(options, NullLogger.Instance);
        await third.StartAsync(TestContext.Current.CancellationToken);
        Assert.Empty(third.Ids());
        Assert.Single(MountTable.Below(_directory));
    }

    [Fact]
    public async Task Room_of_deleted_uppers_goes_back_to_the_host()
    {
        var uppers = new Uppers(new UppersOptions(_directory, 128 * Megabyte), NullLogger.Instance);
        await uppers.StartAsync(TestContext.Current.CancellationToken);
        Assert.SkipUnless(uppers.Capped, uppers.Missing ?? "");
        var upper = uppers.Create("a");
        await using (var big = File.Create(Path.Combine(upper, "upper", "big")))
        {
            var block = new byte[Megabyte];
            Random.Shared.NextBytes(block);
            for (var i = 0; i < 64; i++)
            {
                await big.WriteAsync(block, TestContext.Current.CancellationToken);
            }

            big.Flush(flushToDisk: true);
        }

        Assert.InRange(uppers.UsedBytes("a"), 64 * Megabyte, 66 * Megabyte);
        Assert.InRange(DirectoryTree.AllocatedBytes(_directory), 128 * Megabyte, 160 * Megabyte); // the mounted file and the loop file
        uppers.Remove("a");
        Assert.InRange(DirectoryTree.AllocatedBytes(_directory), 0, 32 * Megabyte);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var point in MountTable.Below(_directory))
        {
            LoopDevice.Discard(point);
        }

        DirectoryTree.Delete(_directory);
        return ValueTask.CompletedTask;
    }

    /// <summary>The kernel detaches the device with its last user: a mount namespace that another test is just making may hold it a moment.</summary>
    private static async Task DetachedAsync(string file)
    {
        for (var tries = 0; tries < 100 && Loops(file).Count > 0; tries++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Empty(Loops(file));
    }

    private static List<string> Loops(string file) => [.. Directory.EnumerateDirectories("/sys/block", "loop*")
        .Where(d => Path.Combine(d, "loop", "backing_file") is var backing && File.Exists(backing)
            && File.ReadAllText(backing).Contains(file, StringComparison.Ordinal))];
}
