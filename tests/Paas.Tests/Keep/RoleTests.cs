using Paas.State;

namespace Paas.Keep;

public sealed class RoleTests
{
    private static readonly KeepOptions Options = new() { Home = "/h", Executable = "/opt/paas/paasd" };

    [Fact]
    public void Edge_gives_up_root_but_for_low_ports() => Assert.Equal(
        "/usr/bin/setpriv --reuid 998 --regid 997 --clear-groups --inh-caps +net_bind_service --ambient-caps +net_bind_service --bounding-set -all,+net_bind_service --no-new-privs -- /opt/paas/paasd edge",
        string.Join(' ', Role.Edge(Options, new PlatformHome("/h"), new EdgeAccount(998, 997)).Arguments));

    [Fact]
    public void Edge_without_its_user_runs_as_it_is_and_with_inline_completions()
    {
        var role = Role.Edge(Options, new PlatformHome("/h"), null);
        Assert.Equal(["/opt/paas/paasd", "edge"], role.Arguments);
        var environment = role.AllEnvironment("/h");
        Assert.Contains("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1", environment);
        Assert.Contains("PAAS_HOME=/h", environment);
    }

    [Fact]
    public void Edge_learns_settings_and_no_secret_of_whoever_started_it()
    {
        Environment.SetEnvironmentVariable("SECRET_OF_THE_SHELL", "x");
        Environment.SetEnvironmentVariable("PAAS_TOKEN", "x");
        try
        {
            var names = Role.Edge(Options, new PlatformHome("/h"), null).AllEnvironment("/h").Select(line => line.Split('=')[0]).ToList();
            Assert.Contains("PATH", names);
            Assert.DoesNotContain("SECRET_OF_THE_SHELL", names);
            Assert.DoesNotContain("PAAS_TOKEN", names);
        }
        finally
        {
            Environment.SetEnvironmentVariable("SECRET_OF_THE_SHELL", null);
            Environment.SetEnvironmentVariable("PAAS_TOKEN", null);
        }
    }

    [Fact]
    public void Control_blocks_now_and_then_so_its_sockets_do_not_run_inline() =>
        Assert.DoesNotContain("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1", Role.Control(Options, new PlatformHome("/h")).AllEnvironment("/h"));

    [Fact]
    public void Control_takes_memory_before_speed() =>
        Assert.Contains("DOTNET_GCgen0size=400000", Role.Control(Options, new PlatformHome("/h")).AllEnvironment("/h"));
}
