using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Paas.State;

namespace Paas.Keep;

/// <summary>Real processes: a small script stands for `paasd`.</summary>
public sealed class RoleKeeperTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("paas-keep-");
    private readonly CancellationTokenSource _stop = new();
    private Task _kept = Task.CompletedTask;
    private Role _role = null!;
    private KeepOptions _options = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var program = Path.Combine(_folder.FullName, "paasd");
        await File.WriteAllTextAsync(program, "#!/bin/sh\necho \"$1 starts $$\"\ntrap 'echo stopping; exit 0' TERM\nwhile :; do sleep 0.05; done\n", Stop);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _options = new KeepOptions { Home = _folder.FullName, Executable = program, StopTimeout = TimeSpan.FromSeconds(20) };
        var home = new PlatformHome(_folder.FullName);
        Directory.CreateDirectory(home.Run);
        Directory.CreateDirectory(home.Logs);
        _role = Role.Control(_options, home);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _kept;
        _stop.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Killed_role_is_started_again_and_ends_when_the_keeper_is_told_to()
    {
        Keep();
        var first = await PidAsync(not: 0);
        using (var process = Process.GetProcessById(first))
        {
            process.Kill();
        }

        var second = await PidAsync(not: first);
        await _stop.CancelAsync();
        await _kept;
        Assert.Null(RoleProcess.StartTimeOf(second));
        Assert.False(File.Exists(_role.PidFile));
        var log = await File.ReadAllTextAsync(_role.Log, Stop);
        Assert.Contains($"control starts {first}\ncontrol starts {second}\n", log, StringComparison.Ordinal);
        Assert.EndsWith("stopping\n", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Running_role_is_adopted_not_started_twice()
    {
        var running = RoleProcess.Start(_role.Arguments, _role.AllEnvironment(_options.Home), _role.Log);
        running.WriteTo(_role.PidFile);
        Keep();
        await WaitForAsync(async () => (await File.ReadAllTextAsync(_role.Log, Stop)).Contains("starts", StringComparison.Ordinal));
        Assert.Equal(running.Pid, await PidAsync(not: 0));
        running.Kill();
        Assert.NotEqual(running.Pid, await PidAsync(not: running.Pid));
    }

    [Fact]
    public async Task Pid_of_another_process_is_not_adopted()
    {
        await File.WriteAllTextAsync(_role.PidFile, $"{Environment.ProcessId} 1\n", Stop);
        Assert.Null(RoleProcess.Adopt(_role.PidFile));
        Keep();
        Assert.NotEqual(Environment.ProcessId, await PidAsync(not: Environment.ProcessId));
    }

    [Fact]
    public async Task How_a_role_ended_is_told()
    {
        var exits = RoleProcess.Start(["/bin/sh", "-c", "exit 7"], [], _role.Log);
        Assert.Equal("exited with code 7", await exits.Ended);
        var killed = RoleProcess.Start(["/bin/sh", "-c", "kill -9 $$"], [], _role.Log);
        Assert.Equal("was killed by signal 9", await killed.Ended);
    }

    [Fact]
    public void Program_that_is_not_there_is_named() =>
        Assert.Equal("Cannot start /nowhere/paasd: No such file or directory.", Assert.Throws<IOException>(() => RoleProcess.Start(["/nowhere/paasd"], [], _role.Log)).Message);

    [Fact]
    public async Task Role_that_a_killed_keeper_left_is_ended()
    {
        var left = RoleProcess.Start(["/bin/sh", "-c", "exec sleep 600"], [], _role.Log);
        left.WriteTo(_role.PidFile);
        await new RoleKeeper(_role, _options, TimeProvider.System, NullLogger.Instance).EndLeftAsync();
        // Which of the two watchers reaps it, and so knows how it ended, is open: both are this process here.
        Assert.Contains(await left.Ended, (string[])["was killed by signal 15", "ended"]);
        Assert.False(File.Exists(_role.PidFile));
        await new RoleKeeper(_role, _options, TimeProvider.System, NullLogger.Instance).EndLeftAsync();
    }

    [Fact]
    public async Task Second_keeper_of_a_home_gives_way()
    {
        await using var first = HomeLock.TryTake(Path.Combine(_folder.FullName, KeepRole.LockFile));
        Assert.NotNull(first);
        Assert.Equal(1, await KeepRole.RunAsync(_options, NullLogger.Instance, TimeProvider.System, Stop));
    }

    private void Keep() => _kept = new RoleKeeper(_role, _options, TimeProvider.System, NullLogger.Instance).RunAsync(_stop.Token);

    private async Task<int> PidAsync(int not)
    {
        var pid = 0;
        await WaitForAsync(async () =>
            File.Exists(_role.PidFile) && (pid = int.Parse((await File.ReadAllTextAsync(_role.PidFile, Stop)).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)) != not
            && File.Exists(_role.Log) && (await File.ReadAllTextAsync(_role.Log, Stop)).Contains($"starts {pid}\n", StringComparison.Ordinal));
        return pid;
    }

    private static async Task WaitForAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(20, Stop);
        }
    }
}
