using System.Globalization;
using Paas.State;

namespace Paas.Keep;

/// <summary>`paasd keep`: starts `paasd control` and `paasd edge` and starts them again when they end; nothing else. Its own death leaves
/// both running, and its next start adopts them. Here all is prepared; then a small native program takes over (docs/decisions/keep.md).</summary>
public static class KeepRole
{
    /// <summary>In the home; held by the one keeper, or by `paasd down`.</summary>
    public const string LockFile = "keep.lock";

    /// <summary>With the options of the environment, saying on standard error what happens.</summary>
    public static int Run() => Run(KeepOptions.FromEnvironment(Environment.GetEnvironmentVariable), Console.Error);

    /// <summary>Does not return where all goes well: this process becomes the native keeper, which ends with exit code 0 when SIGTERM or
    /// SIGINT stopped it and both roles, the edge last. SIGHUP changes nothing.</summary>
    /// <returns>The exit code: 1 when another `paasd keep` has this home.</returns>
    /// <exception cref="UserError">The native keeper could not be started.</exception>
    public static int Run(KeepOptions options, TextWriter log)
    {
        var home = new PlatformHome(options.Home);
        Directory.CreateDirectory(home.Root);
        using var only = HomeLock.TryTake(Path.Combine(home.Root, LockFile));
        if (only is null)
        {
            Say(log, "fail", $"Another `paasd keep` runs for {home.Root}; one is enough.");
            return 1;
        }

        var roles = Prepare(options, home, log);

        // For the people and scripts that stop it.
        File.WriteAllText(Path.Combine(home.Run, "keep.pid"), FormattableString.Invariant($"{Environment.ProcessId}\n"));
        throw NativeKeeper.Become(options, home, roles, only);
    }

    /// <summary>What both roles need before they start, and how they are started. Needs the lock.</summary>
    internal static IReadOnlyList<Role> Prepare(KeepOptions options, PlatformHome home, TextWriter log)
    {
        var account = EdgeAccount.Find(options.EdgeUser);
        if (account is null)
        {
            Say(log, "warn", $"The edge runs as this user: it is not root, or there is no user {options.EdgeUser}. quickstart.sh makes that user.");
        }

        if (!RunFolder.Prepare(home, account))
        {
            Say(log, "warn", $"{home.Run} lies on disk: only root can mount a tmpfs there. Config vars in plain text will be written to that disk.");
        }

        return [Role.Control(options, home), Role.Edge(options, home, account)];
    }

    /// <summary>Ends the roles that a killed keeper left running, the edge last. Needs the lock.</summary>
    public static async Task EndLeftAsync(KeepOptions options, TimeProvider time)
    {
        var home = new PlatformHome(options.Home);
        foreach (var role in (Role[])[Role.Control(options, home), Role.Edge(options, home, account: null)])
        {
            if (RoleProcess.Find(role.PidFile) is { } left)
            {
                await left.EndAsync(options.StopTimeout, time);
                File.Delete(role.PidFile);
            }
        }
    }

    /// <summary>As the native keeper does.</summary>
    private static void Say(TextWriter log, string level, string text) =>
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ} {level}: {text}"));
}
