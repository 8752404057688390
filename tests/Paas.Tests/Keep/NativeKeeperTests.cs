using System.Diagnostics;
using System.Globalization;
using Paas.State;

namespace Paas.Keep;

/// <summary>The real keeper and real processes: a small script stands for `paasd`.</summary>
public sealed class NativeKeeperTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("paas-keep-");
    private PlatformHome _home = null!;
    private KeepOptions _options = null!;
    private Process? _keeper;
    private Task<string> _said = Task.FromResult("");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Role Control => Role.Control(_options, _home);

    private Role Edge => Role.Edge(_options, _home, account: null);

    public ValueTask InitializeAsync()
    {
        _home = new PlatformHome(_folder.FullName);
        Directory.CreateDirectory(_home.Run);
        Directory.CreateDirectory(_home.Logs);
        _options = new KeepOptions { Home = _folder.FullName, Executable = Path.Combine(_folder.FullName, "paasd"), StopTimeout = TimeSpan.FromSeconds(20) };
        Program("trap 'echo stopping; exit 0' TERM; while :; do sleep 0.05; done");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_keeper is not null)
        {
            await EndAsync();
            _keeper.Dispose();
        }

        await KeepRole.EndLeftAsync(_options, TimeProvider.System);
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Killed_role_is_started_again_and_all_end_when_the_keeper_is_told_to()
    {
        Keep();
        var edge = await PidAsync(Edge, not: 0);
        var first = await PidAsync(Control, not: 0);
        Kill(first);
        var second = await PidAsync(Control, not: first);
        var said = await EndAsync();
        Assert.Equal(0, _keeper!.ExitCode);
        Assert.Null(RoleProcess.StartTimeOf(second));
        Assert.Null(RoleProcess.StartTimeOf(edge));
        Assert.False(File.Exists(Control.PidFile));
        Assert.False(File.Exists(Edge.PidFile));
        var log = await File.ReadAllTextAsync(Control.Log, Stop);
        Assert.Contains($"control starts {first}\ncontrol starts {second}\n", log, StringComparison.Ordinal);
        Assert.EndsWith("stopping\n", log, StringComparison.Ordinal);
        Assert.Contains($"warn: control, pid {first}, was killed by signal 9; starting it again.\n", said, StringComparison.Ordinal);
        Assert.EndsWith($"Stopped edge, pid {edge}.\n", said, StringComparison.Ordinal);
        Assert.Contains($"Stopped control, pid {second}.\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_keeper_takes_nothing_with_it_and_the_next_adopts()
    {
        Keep();
        var (control, edge) = (await PidAsync(Control, not: 0), await PidAsync(Edge, not: 0));
        _keeper!.Kill();
        await _keeper.WaitForExitAsync(Stop);
        _keeper.Dispose();
        Keep();
        await WaitForAsync(() => Task.FromResult(Directory.GetFiles($"/proc/{_keeper.Id}/fd").Count(static file => new FileInfo(file).LinkTarget == "anon_inode:[pidfd]") == 2));
        Kill(control);
        Assert.NotEqual(control, await PidAsync(Control, not: control));
        Assert.Equal(edge, await PidAsync(Edge, not: 0));
        var said = await EndAsync();
        Assert.Contains($"info: Found control running, pid {control}.\n", said, StringComparison.Ordinal);
        Assert.Contains($"warn: control, pid {control}, ended; starting it again.\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pid_of_another_process_is_not_adopted()
    {
        await File.WriteAllTextAsync(Control.PidFile, $"{Environment.ProcessId} 1\n", Stop);
        Assert.Null(RoleProcess.Find(Control.PidFile));
        Keep();
        Assert.NotEqual(Environment.ProcessId, await PidAsync(Control, not: Environment.ProcessId));
    }

    [Fact]
    public async Task Role_that_ends_at_once_is_started_again_after_longer_and_longer_pauses()
    {
        Program("exit 7");
        Keep();
        await WaitForAsync(async () => (await TextAsync(Control.Log)).Split("control starts ").Length > 4);
        var said = await EndAsync();
        Assert.Contains(", exited with code 7; starting it again.\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Role_that_does_not_stop_is_killed()
    {
        _options = new KeepOptions { Home = _options.Home, Executable = _options.Executable, StopTimeout = TimeSpan.FromSeconds(1) };
        Program("trap '' TERM; while :; do sleep 0.05; done");
        Keep();
        var control = await PidAsync(Control, not: 0);
        await PidAsync(Edge, not: 0);
        Assert.Contains($"warn: control, pid {control}, did not stop within 1 s and was killed.\n", await EndAsync(), StringComparison.Ordinal);
        Assert.Null(RoleProcess.StartTimeOf(control));
    }

    [Fact]
    public async Task Program_that_is_not_there_is_named()
    {
        File.Delete(_options.Executable);
        Keep();
        await WaitForAsync(() => Task.FromResult(!File.Exists(Path.Combine(_home.Run, "keep.roles"))));
        Assert.Contains($"fail: Cannot start control: {_options.Executable}: No such file or directory.\n", await EndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_log_is_copied_aside_and_its_writer_goes_on_in_the_same_file()
    {
        _options = new KeepOptions { Home = _options.Home, Executable = _options.Executable, LogBytes = 1000 };
        await File.WriteAllTextAsync(Control.Log, new string('a', 1001), Stop);
        await File.WriteAllTextAsync(Edge.Log, new string('b', 5000) + new string('c', 1500), Stop);
        Program("sleep 0.3; echo on; exec sleep 600");
        Keep();
        await WaitForAsync(async () => (await TextAsync(Control.Log)).EndsWith("on\n", StringComparison.Ordinal) && (await TextAsync(Edge.Log)).EndsWith("on\n", StringComparison.Ordinal));
        Assert.StartsWith(new string('a', 1001), await TextAsync(Control.Log + ".1"), StringComparison.Ordinal);
        Assert.DoesNotContain('a', await TextAsync(Control.Log));
        Assert.InRange((await TextAsync(Edge.Log + ".1")).Length, 2000, 2000);
        Assert.Contains(new string('c', 1500), await TextAsync(Edge.Log + ".1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_cannot_be_kept_aside_is_cut_all_the_same()
    {
        _options = new KeepOptions { Home = _options.Home, Executable = _options.Executable, LogBytes = 1000 };
        await File.WriteAllTextAsync(Control.Log, new string('a', 1001), Stop);
        Directory.CreateDirectory(Control.Log + ".1");
        Keep();
        await PidAsync(Edge, not: 0);
        await WaitForAsync(async () => !(await TextAsync(Control.Log)).Contains("aaa", StringComparison.Ordinal));
        Assert.Contains($"warn: {Control.Log} is cut, and cannot be kept aside: Is a directory.\n", await EndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_that_was_open_where_it_was_started_stays_open()
    {
        var file = Path.Combine(_home.Run, "keep.roles");
        NativeKeeper.Write(file, [Control, Edge], _home.Root);
        var command = string.Join(' ', NativeKeeper.Arguments(_options, file, lockFile: 0));
        _keeper = Process.Start(new ProcessStartInfo("sh", ["-c", $"exec 7< /dev/null 9> /dev/null '{_options.Keeper}' {command}"]) { RedirectStandardError = true })!;
        _said = _keeper.StandardError.ReadToEndAsync(Stop);
        foreach (var pid in (int[])[_keeper.Id, await PidAsync(Control, not: 0), await PidAsync(Edge, not: 0)])
        {
            var open = Directory.GetFiles($"/proc/{pid}/fd").Select(Path.GetFileName).ToList();
            Assert.DoesNotContain("7", open);
            Assert.DoesNotContain("9", open);
            Assert.Equal(pid == _keeper.Id, open.Contains("3"));
        }
    }

    [Fact]
    public async Task Roles_that_are_not_there_are_an_error()
    {
        await File.WriteAllTextAsync(Path.Combine(_home.Run, "keep.roles"), "", Stop);
        var (code, said) = await RefusedAsync();
        Assert.Equal((1, true), (code, said.EndsWith($"fail: {Path.Combine(_home.Run, "keep.roles")}: Invalid argument.\n", StringComparison.Ordinal)));
        (code, said) = await RefusedAsync();
        Assert.Equal((1, true), (code, said.EndsWith($"fail: {Path.Combine(_home.Run, "keep.roles")}: No such file or directory.\n", StringComparison.Ordinal)));

        async Task<(int Code, string Said)> RefusedAsync()
        {
            using var keeper = Process.Start(new ProcessStartInfo(_options.Keeper, NativeKeeper.Arguments(_options, Path.Combine(_home.Run, "keep.roles"), lockFile: 0)) { RedirectStandardError = true })!;
            var said = await keeper.StandardError.ReadToEndAsync(Stop);
            await keeper.WaitForExitAsync(Stop);
            return (keeper.ExitCode, said);
        }
    }

    [Fact]
    public async Task Roles_get_their_environment_and_nobody_reads_it()
    {
        Program("echo \"home $PAAS_HOME, gen0 $DOTNET_GCgen0size.\"; exec sleep 600");
        Keep();
        await WaitForAsync(async () => (await TextAsync(Edge.Log)).Contains($"home {_home.Root}, gen0 800000.\n", StringComparison.Ordinal));
        await WaitForAsync(async () => (await TextAsync(Control.Log)).Contains($"home {_home.Root}, gen0 400000.\n", StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(_home.Run, "keep.roles")));
        NativeKeeper.Write(Path.Combine(_home.Run, "keep.roles"), [Control], _home.Root);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_home.Run, "keep.roles")));
    }

    [Fact]
    public async Task Roles_that_a_killed_keeper_left_are_ended()
    {
        Keep();
        var (control, edge) = (await PidAsync(Control, not: 0), await PidAsync(Edge, not: 0));
        _keeper!.Kill();
        await _keeper.WaitForExitAsync(Stop);
        await KeepRole.EndLeftAsync(_options, TimeProvider.System);
        Assert.Null(RoleProcess.StartTimeOf(control));
        Assert.Null(RoleProcess.StartTimeOf(edge));
        Assert.False(File.Exists(Control.PidFile));
        await KeepRole.EndLeftAsync(_options, TimeProvider.System);
    }

    [Fact]
    public async Task Second_keeper_of_a_home_gives_way()
    {
        await using var first = HomeLock.TryTake(Path.Combine(_folder.FullName, KeepRole.LockFile));
        Assert.NotNull(first);
        using var said = new StringWriter();
        Assert.Equal(1, KeepRole.Run(_options, said));
        Assert.EndsWith($" fail: Another `paasd keep` runs for {_home.Root}; one is enough.\n", said.ToString(), StringComparison.Ordinal);
    }

    private void Program(string script)
    {
        File.WriteAllText(_options.Executable, $"#!/bin/sh\necho \"$1 starts $$\"\n{script}\n");
        File.SetUnixFileMode(_options.Executable, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void Keep()
    {
        var file = Path.Combine(_home.Run, "keep.roles");
        NativeKeeper.Write(file, [Control, Edge], _home.Root);

        // Its standard input stands for the lock.
        _keeper = Process.Start(new ProcessStartInfo(_options.Keeper, NativeKeeper.Arguments(_options, file, lockFile: 0)) { RedirectStandardError = true })!;
        _said = _keeper.StandardError.ReadToEndAsync(Stop);
    }

    private async Task<string> EndAsync()
    {
        if (!_keeper!.HasExited)
        {
            using var terminate = Process.Start("kill", ["-TERM", _keeper.Id.ToString(CultureInfo.InvariantCulture)]);
            await _keeper.WaitForExitAsync(CancellationToken.None);
        }

        return await _said;
    }

    private static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }

    private static async Task<int> PidAsync(Role role, int not)
    {
        var pid = 0;
        await WaitForAsync(async () =>
            int.TryParse((await TextAsync(role.PidFile)).Split(' ')[0], CultureInfo.InvariantCulture, out pid) && pid != not
            && (await TextAsync(role.Log)).Contains($"starts {pid}\n", StringComparison.Ordinal));
        return pid;
    }

    private static async Task<string> TextAsync(string file) => File.Exists(file) ? await File.ReadAllTextAsync(file, Stop) : "";

    private static async Task WaitForAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(20, Stop);
        }
    }
}
