using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Paas.Engine.Native.Interop;

namespace Paas.Engine;

public sealed class NativeEngineTests : IAsyncLifetime
{
    private EngineLab _lab = null!;
    private Observer _observer = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _lab = await EngineLab.StartAsync(Token);
        _observer = new Observer(_lab.Engine);
    }

    public async ValueTask DisposeAsync()
    {
        await _observer.DisposeAsync();
        await _lab.DisposeAsync();
    }

    [Fact]
    public async Task An_instance_answers_on_its_endpoint()
    {
        var spec = _lab.Process("hello", 1);

        await _lab.Engine.ApplyAsync(spec, Token);
        var running = await RunningAsync(spec.Key, 1);

        Assert.EndsWith("ok\n", await GetAsync(running), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_dies_is_restarted_and_its_exit_is_kept()
    {
        var spec = _lab.Process("dies", 1, "exit", "7");

        await _lab.Engine.ApplyAsync(spec, Token);
        var again = await _observer.UntilAsync(state => state is { Restarts: >= 2, LastExit.Code: 7 }, Token);

        Assert.Null(again.LastExit!.Cause);
    }

    [Fact]
    public async Task Killed_for_memory_and_for_disk_are_told_apart()
    {
        await _lab.Engine.ApplyAsync(_lab.Process("eats", 1, "eat") with { Limits = new Limits { MemoryBytes = 32 << 20 } }, Token);
        await _lab.Engine.ApplyAsync(_lab.Process("fills", 1, "fill", "/app/big", "40") with { Limits = new Limits { DiskBytes = 20 << 20 } }, Token);

        var memory = await _observer.UntilAsync(state => state.Id.Process.App == "eats" && state.LastExit is not null, Token);
        var disk = await _observer.UntilAsync(state => state.Id.Process.App == "fills" && state.LastExit is not null, Token);

        Assert.Equal((137, "out of memory at 32 MB"), (memory.LastExit!.Code, memory.LastExit.Cause));
        Assert.Equal((137, "disk limit of 20 MB"), (disk.LastExit!.Code, disk.LastExit.Cause));
    }

    [Fact]
    public async Task A_new_control_adopts_what_runs_and_starts_nothing_twice()
    {
        var spec = _lab.Process("stays", 2);
        await _lab.Engine.ApplyAsync(spec, Token);
        var before = (await RunningAsync(spec.Key, 1), await RunningAsync(spec.Key, 2));

        await _observer.DisposeAsync();
        await _lab.EndControlAsync();
        Assert.EndsWith("ok\n", await GetAsync(before.Item1), StringComparison.Ordinal);
        await _lab.NewControlAsync(Token);
        _observer = new Observer(_lab.Engine);
        await _lab.Engine.ApplyAsync(spec, Token);
        var after = (await RunningAsync(spec.Key, 1), await RunningAsync(spec.Key, 2));

        Assert.Equal((before.Item1.Run, before.Item2.Run), (after.Item1.Run, after.Item2.Run));
        Assert.Equal(before.Item1.Endpoint, after.Item1.Endpoint);
        Assert.EndsWith("ok\n", await GetAsync(after.Item2), StringComparison.Ordinal);
        Assert.Equal(2, Bundles().Count);
    }

    [Fact]
    public async Task One_that_died_while_control_was_away_is_started_again()
    {
        var spec = _lab.Process("fell", 1);
        await _lab.Engine.ApplyAsync(spec, Token);
        var before = await RunningAsync(spec.Key, 1);
        var pid = InitPid(spec.Key);

        await _observer.DisposeAsync();
        await _lab.EndControlAsync();
        var ended = PidWatch.EndOfAsync(pid, null);
        Libc.Kill(pid, Libc.SIGKILL);
        await ended;
        await _lab.NewControlAsync(Token);
        _observer = new Observer(_lab.Engine);
        var after = await RunningAsync(spec.Key, 1);

        Assert.NotEqual(before.Run, after.Run);
        Assert.EndsWith("ok\n", await GetAsync(after), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_reboot_nothing_is_believed()
    {
        var spec = _lab.Process("boot", 1);
        await _lab.Engine.ApplyAsync(spec, Token);
        await RunningAsync(spec.Key, 1);
        await _observer.DisposeAsync();
        await _lab.EndControlAsync();

        await File.WriteAllTextAsync(Path.Combine(_lab.Home, "run", "engine", "boot"), "another boot", Token);
        await _lab.NewControlAsync(Token);
        _observer = new Observer(_lab.Engine);

        Assert.Empty(Bundles());
        Assert.Empty(_lab.MountsLeft());
        await _lab.Engine.ApplyAsync(spec, Token);
        Assert.EndsWith("ok\n", await GetAsync(await RunningAsync(spec.Key, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Death_of_the_supervisor_replaces_the_instance()
    {
        var spec = _lab.Process("orphan", 1);
        await _lab.Engine.ApplyAsync(spec, Token);
        var before = await RunningAsync(spec.Key, 1);
        // It has said that it listens: a line later would meet a broken pipe, and end it before it is replaced.
        await GetAsync(before);
        var bundle = Path.Combine(_lab.Home, "run", "engine", "b", new InstanceId(spec.Key, 1).ToString());

        Libc.Kill(int.Parse(await File.ReadAllTextAsync(Path.Combine(bundle, "conmon.pid"), Token), CultureInfo.InvariantCulture), Libc.SIGKILL);
        var after = await _observer.UntilAsync(state => state.Phase == InstancePhase.Running && state.Run != before.Run, Token);

        Assert.Equal("supervisor died", after.LastExit!.Cause);
        Assert.EndsWith("ok\n", await GetAsync(after), StringComparison.Ordinal);
        await EventuallyAsync(() => !Directory.Exists(bundle));
    }

    [Fact]
    public async Task A_lower_count_stops_the_highest_and_removal_leaves_nothing()
    {
        var spec = _lab.Process("scale", 3);
        await _lab.Engine.ApplyAsync(spec, Token);
        await RunningAsync(spec.Key, 3);
        await _lab.Engine.ApplyAsync(spec with { Count = 1 }, Token);
        await EventuallyAsync(() => Bundles() is [var only] && only.EndsWith(".1", StringComparison.Ordinal));

        await _lab.Engine.RemoveAsync(spec.Key, TimeSpan.FromSeconds(2), Token);

        Assert.Empty(Bundles());
        Assert.Empty(_lab.MountsLeft());
        await _lab.Engine.RemoveAsync(spec.Key, TimeSpan.FromSeconds(2), Token);
    }

    [Fact]
    public async Task One_that_ignores_SIGTERM_is_killed_after_its_grace()
    {
        var spec = _lab.Process("stubborn", 1, "stubborn");
        await _lab.Engine.ApplyAsync(spec, Token);
        await RunningAsync(spec.Key, 1);
        var id = new InstanceId(spec.Key, 1);
        while ((await _lab.Engine.InspectAsync(id, Token))!.LastLines is not [.., "ignoring SIGTERM"])
        {
            await Task.Delay(50, Token);
        }

        var watch = Stopwatch.StartNew();

        await _lab.Engine.RemoveAsync(spec.Key, TimeSpan.FromSeconds(0.5), Token);

        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds(0.5));
        Assert.Empty(Bundles());
    }

    [Fact]
    public async Task Exec_stats_and_inspection_see_the_running_instance()
    {
        var spec = _lab.Process("look", 1) with { Env = new Dictionary<string, string> { ["COLOR"] = "blue" } };
        await _lab.Engine.ApplyAsync(spec, Token);
        var id = new InstanceId(spec.Key, 1);
        await GetAsync(await RunningAsync(spec.Key, 1));

        using var output = new MemoryStream();
        var exec = await _lab.Engine.ExecAsync(id, ["/probe", "env", "COLOR"], new RunStreams(null, output, output), Token);
        Assert.Equal((0, "blue\n"), (exec!.Code, Encoding.UTF8.GetString(output.ToArray())));
        using var rules = new MemoryStream();
        await _lab.Engine.ExecAsync(id, ["/probe", "rules"], new RunStreams(null, rules, rules), Token);
        Assert.DoesNotContain("allowed", Encoding.UTF8.GetString(rules.ToArray()), StringComparison.Ordinal);
        Assert.Equal(9, (await _lab.Engine.ExecAsync(id, ["/probe", "exit", "9"], new RunStreams(null, null, null), Token))!.Code);

        var stats = (await _lab.Engine.StatsAsync(id, Token))!;
        Assert.InRange(stats.Pids, 2, 10);
        Assert.InRange(stats.MemoryBytes, 1, 64 << 20);
        Assert.Equal(512L << 20, stats.MemoryLimitBytes);

        var inspection = (await _lab.Engine.InspectAsync(id, Token))!;
        Assert.Contains(inspection.Listeners, listener => listener.Port == 8080);
        Assert.Contains(inspection.LastLines, line => line.Contains("listening on 8080", StringComparison.Ordinal));
        Assert.Null(await _lab.Engine.StatsAsync(new InstanceId(spec.Key, 2), Token));
    }

    [Fact]
    public async Task A_one_off_runs_beside_and_what_a_dead_control_left_is_swept()
    {
        using var output = new MemoryStream();
        var run = new RunSpec { Id = "hello.run.1", App = "hello", Image = _lab.Probe.Digest, Args = ["env", "FROM_IMAGE"] };
        Assert.Equal(0, (await _lab.Engine.RunAsync(run, new RunStreams(null, output, null), Token)).Code);
        Assert.Equal("yes\n", Encoding.UTF8.GetString(output.ToArray()));

        Directory.CreateDirectory(Path.Combine(_lab.Home, "run", "engine", "b", "left.run.2", "rootfs"));
        await _observer.DisposeAsync();
        await _lab.EndControlAsync();
        await _lab.NewControlAsync(Token);
        _observer = new Observer(_lab.Engine);
        Assert.Empty(Bundles());
    }

    [Fact]
    public async Task A_second_control_is_refused_while_the_first_lives()
    {
        var failure = await Assert.ThrowsAsync<EngineException>(() => _lab.SecondControlAsync(Token));

        Assert.Contains("Another paasd", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shutting_down_leaves_no_group_mount_or_process()
    {
        var spec = _lab.Process("last", 1);
        await _lab.Engine.ApplyAsync(spec, Token);
        await RunningAsync(spec.Key, 1);
        var pid = InitPid(spec.Key);

        await _lab.Engine.ShutDownAsync(Token);

        Assert.Null(PidWatch.StartTime(pid));
        Assert.Empty(_lab.MountsLeft());
        Assert.Empty(_lab.GroupsLeft());
    }

    private Task<InstanceState> RunningAsync(ProcessKey key, int index) =>
        _observer.UntilAsync(state => state.Id == new InstanceId(key, index) && state.Phase == InstancePhase.Running, Token);

    private IReadOnlyList<string> Bundles() => [.. Directory.EnumerateDirectories(Path.Combine(_lab.Home, "run", "engine", "b")).Select(path => Path.GetFileName(path))];

    private int InitPid(ProcessKey key) => int.Parse(
        File.ReadAllText(Path.Combine(_lab.Home, "run", "engine", "b", new InstanceId(key, 1).ToString(), "pid")), CultureInfo.InvariantCulture);

    /// <summary>The platform's own probing: short connects until something answers.</summary>
    private static async Task<string> GetAsync(InstanceState instance)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(instance.Endpoint!, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(1), Token);
                await socket.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), Token);
                using var reader = new StreamReader(new NetworkStream(socket));
                return await reader.ReadToEndAsync(Token);
            }
            catch (Exception exception) when (exception is SocketException or TimeoutException or IOException && attempt < 200)
            {
                await Task.Delay(10, Token);
            }
        }
    }

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        for (var attempt = 0; attempt < 600 && !condition(); attempt++)
        {
            await Task.Delay(50, Token);
        }

        Assert.True(condition());
    }
}
