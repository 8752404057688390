using System.Diagnostics;
using Paas.State;
using Paas.Testing;

namespace Paas.Keep;

/// <summary>As root: the mount, the change of user, both roles. A small script stands for `paasd`.</summary>
public sealed class KeepRoleTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("paas-keep-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private PlatformHome Home => new(_folder.FullName);

    public async ValueTask InitializeAsync()
    {
        var program = Path.Combine(_folder.FullName, "paasd");
        await File.WriteAllTextAsync(program, "#!/bin/sh\necho \"$1 is $(id -u), $(grep CapAmb /proc/self/status | tr -d '\\t')\"\ntrap 'echo \"$1 stops $(date +%s%N)\"; exit 0' TERM\nwhile :; do sleep 0.05; done\n", Stop);
        const UnixFileMode Open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(program, Open);
        File.SetUnixFileMode(_folder.FullName, Open);
    }

    public async ValueTask DisposeAsync()
    {
        using var umount = Process.Start(new ProcessStartInfo("umount", [Home.Run]) { RedirectStandardError = true })!;
        await umount.WaitForExitAsync(CancellationToken.None);
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Both_roles_run_on_a_tmpfs_the_edge_without_root_and_the_edge_stops_last()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        var options = new KeepOptions { Home = Home.Root, Executable = Path.Combine(Home.Root, "paasd"), EdgeUser = "nobody" };
        await using (Keeper.Start(options))
        {
            Assert.Equal("control is 0, CapAmb:0000000000000000", await LineAsync("control", " is "));
            Assert.Equal("edge is 65534, CapAmb:0000000000000400", await LineAsync("edge", " is "));
            Assert.True(RunFolder.IsMounted(await File.ReadAllTextAsync("/proc/self/mountinfo", Stop), Home.Run));
        }

        var (control, edge) = (await LineAsync("control", " stops "), await LineAsync("edge", " stops "));
        Assert.True(long.Parse(control.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture) < long.Parse(edge.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Run_folder_is_prepared_once_however_often_it_is_asked_for()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => RunFolder.Prepare(Home, EdgeAccount.Find("nobody")), Stop)));
        Assert.Single((await File.ReadAllLinesAsync("/proc/self/mountinfo", Stop)), line => line.Contains($" {Home.Run} ", StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(Home.Run, "edge")));
    }

    private async Task<string> LineAsync(string role, string part)
    {
        var log = Path.Combine(Home.Logs, $"{role}.log");
        while (true)
        {
            if (File.Exists(log) && (await File.ReadAllLinesAsync(log, Stop)).FirstOrDefault(line => line.Contains(part, StringComparison.Ordinal)) is { } found)
            {
                return found;
            }

            await Task.Delay(20, Stop);
        }
    }
}
