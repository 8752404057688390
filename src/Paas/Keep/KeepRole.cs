using System.Runtime.InteropServices;
using Paas.State;

namespace Paas.Keep;

/// <summary>`paasd keep`: where no systemd is, starts `paasd control` and `paasd edge` and starts them again when they end; nothing else.
/// Its own death leaves both running, and its next start adopts them.</summary>
public static partial class KeepRole
{
    /// <summary>In the home; held by the one keeper, or by `paasd down`.</summary>
    public const string LockFile = "keep.lock";

    private static readonly TimeSpan LookAtLogs = TimeSpan.FromMinutes(1);

    /// <summary>With the options of the environment, saying on standard error what happens.</summary>
    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var logging = LoggerFactory.Create(static builder => builder
            .AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddSimpleConsole(static console => (console.SingleLine, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, "yyyy-MM-ddTHH:mm:ssZ ")));
        return await RunAsync(KeepOptions.FromEnvironment(Environment.GetEnvironmentVariable), logging.CreateLogger("Paas.Keep"), TimeProvider.System, cancellationToken);
    }

    /// <summary>Returns when the token, SIGTERM or SIGINT stopped it and both roles, the edge last. SIGHUP changes nothing.</summary>
    /// <returns>The exit code: 1 when another `paasd keep` has this home.</returns>
    public static async Task<int> RunAsync(KeepOptions options, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        var home = new PlatformHome(options.Home);
        Directory.CreateDirectory(home.Root);
        await using var only = HomeLock.TryTake(Path.Combine(home.Root, LockFile));
        if (only is null)
        {
            LogNotAlone(logger, home.Root);
            return 1;
        }

        var account = EdgeAccount.Find(options.EdgeUser);
        if (account is null)
        {
            LogSameUser(logger, options.EdgeUser);
        }

        if (!RunFolder.Prepare(home, account))
        {
            LogOnDisk(logger, home.Run);
        }

        // For the people and scripts that stop it.
        await File.WriteAllTextAsync(Path.Combine(home.Run, "keep.pid"), FormattableString.Invariant($"{Environment.ProcessId}\n"), cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, static context => context.Cancel = true);
        using var stopEdge = new CancellationTokenSource();

        var (control, edge) = (Role.Control(options, home), Role.Edge(options, home, account));
        var edgeKept = new RoleKeeper(edge, options, time, logger).RunAsync(stopEdge.Token);
        var controlKept = new RoleKeeper(control, options, time, logger).RunAsync(stop.Token);
        var logsKept = KeepLogsAsync([control.Log, edge.Log], options.LogBytes, logger, time, stop.Token);

        await controlKept;
        await stopEdge.CancelAsync();
        await edgeKept;
        await logsKept;
        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>Ends the roles that a killed keeper left running, the edge last. Needs the lock.</summary>
    public static async Task EndLeftAsync(KeepOptions options, ILogger logger, TimeProvider time)
    {
        var home = new PlatformHome(options.Home);
        foreach (var role in (Role[])[Role.Control(options, home), Role.Edge(options, home, account: null)])
        {
            await new RoleKeeper(role, options, time, logger).EndLeftAsync();
        }
    }

    private static async Task KeepLogsAsync(string[] logs, long limit, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookAtLogs, time);
        try
        {
            do
            {
                foreach (var log in logs)
                {
                    try
                    {
                        RoleLog.Rotate(log, limit);
                    }
                    catch (IOException error)
                    {
                        LogNotRotated(logger, log, error.Message);
                    }
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The keeper stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Another `paasd keep` runs for {Home}; one is enough.")]
    private static partial void LogNotAlone(ILogger logger, string home);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The edge runs as this user: it is not root, or there is no user {User}. quickstart.sh makes that user.")]
    private static partial void LogSameUser(ILogger logger, string user);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Run} lies on disk: only root can mount a tmpfs there. Config vars in plain text will be written to that disk.")]
    private static partial void LogOnDisk(ILogger logger, string run);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Log} grows beyond its limit: {Reason}")]
    private static partial void LogNotRotated(ILogger logger, string log, string reason);
}
