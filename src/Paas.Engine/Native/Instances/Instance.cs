using System.Net;
using Microsoft.Extensions.Logging;

namespace Paas.Engine.Native.Instances;

/// <summary>One instance that is wanted: keeps a run of it alive until it is told to stop, or to let go.</summary>
/// <remarks>
/// <code>
/// Starting --> Running --(exit, disk limit)--> BackingOff --> Starting
///                 |    --(supervisor died)--> Running in the other slot, the old run stops after the hand-over
///                 +----(StopAsync)--> Stopping --> gone
/// </code>
/// </remarks>
internal sealed partial class Instance(InstanceId id, Func<ProcessSpec> spec, InstanceHost host, Action changed, ILogger logger) : IDisposable
{
    private const int Attempts = 5;

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _letGo = new();
    private readonly Backoff _backoff = new(host.Options.FirstBackoff, host.Options.LongestBackoff, host.Options.GoodLife);
    private readonly List<Task> _retiring = [];
    private readonly SemaphoreSlim _ending = new(1, 1);
    private Task _life = Task.CompletedTask;
    private ExitInfo? _lastExit;
    private int _restarts;

    public bool IsStopping => _stop.IsCancellationRequested;

    /// <summary>The run that the next control may adopt; null while there is none.</summary>
    public InstanceHandle? Run { get; private set; }

    public void Begin(InstanceHandle? adopted)
    {
        Run = adopted;
        Tell(adopted is null ? InstancePhase.Starting : InstancePhase.Running);
        _life = Task.Run(LiveAsync);
    }

    /// <summary>Ends it for good; returns when nothing of it is left. A second call waits for the first, and tries again what that could not.</summary>
    /// <exception cref="EngineException">The machine does not let go of it yet.</exception>
    public async Task StopAsync(TimeSpan grace)
    {
        await _stop.CancelAsync();
        await _life;
        await _ending.WaitAsync();
        try
        {
            if (Run is { } last)
            {
                Tell(InstancePhase.Stopping);
                await host.StopAsync(id, last, grace);
                SetRun(null);
            }

            await Task.WhenAll(_retiring);
        }
        finally
        {
            _ending.Release();
        }

        host.Events.Gone(id);
    }

    /// <summary>Leaves it running for the next control.</summary>
    public async Task LetGoAsync()
    {
        await _letGo.CancelAsync();
        await _life;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _letGo.Dispose();
        _ending.Dispose();
    }

    private async Task LiveAsync()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _letGo.Token);
        try
        {
            while (!end.IsCancellationRequested)
            {
                await Task.Delay(_backoff.Next(await LiveOnceAsync(end.Token)), host.Time, end.Token);
                if (Run is null)
                {
                    _restarts++;
                    Tell(InstancePhase.Starting);
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Stopped or let go.
        }
    }

    /// <summary>From a start, or a run that is adopted, to its end.</summary>
    /// <returns>How long it lived.</returns>
    private async Task<TimeSpan> LiveOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            Run ??= await TryStartAsync(slot: 0, cancellationToken);
            if (Run is not null)
            {
                return await WatchAsync(Run, cancellationToken);
            }

            Tell(InstancePhase.BackingOff);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The machine's fault, a mount that is busy: what runs is watched again, what is gone is cleared away by the next start.
            LogLost(exception, id);
        }

        return TimeSpan.Zero;
    }

    /// <summary>Null: it did not start, and the last exit says why.</summary>
    private async Task<InstanceHandle?> TryStartAsync(int slot, CancellationToken cancellationToken)
    {
        try
        {
            var run = await host.StartAsync(id, spec(), slot, cancellationToken);
            SetRun(run);
            Tell(InstancePhase.Running);
            return run;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogNotStarted(exception, id);
            _lastExit = new ExitInfo(125, host.Time.GetUtcNow(), exception.Message);
            return null;
        }
    }

    /// <summary>Stays with a run, and with its replacements, until it has ended by itself; everything of it is gone then.</summary>
    /// <returns>How long it lived.</returns>
    private async Task<TimeSpan> WatchAsync(InstanceHandle run, CancellationToken cancellationToken)
    {
        while (true)
        {
            var cause = await EndOrOverLimitAsync(run, cancellationToken);
            if (cause is null && InstanceHost.Lives(run))
            {
                // Its next log line will meet a broken pipe: a replacement first, then the end of this one.
                LogSupervisorDied(id);
                _lastExit = new ExitInfo(-1, host.Time.GetUtcNow(), "supervisor died");
                _restarts++;
                _retiring.Add(RetireAsync(run));
                if (await TryStartAsync(1 - run.Slot, cancellationToken) is not { } replacement)
                {
                    SetRun(null);
                    Tell(InstancePhase.BackingOff);
                    return TimeSpan.Zero;
                }

                run = replacement;
                continue;
            }

            var exit = host.ExitOf(id, run, spec().Limits);
            _lastExit = cause is null ? exit : exit with { Cause = cause };
            LogEnded(id, _lastExit.Code, _lastExit.Cause);
            SetRun(null);
            Tell(InstancePhase.BackingOff);
            await host.ClearAsync(id, run);
            return host.Time.GetUtcNow() - run.Since;
        }
    }

    /// <summary>Null: its supervisor has ended. Else why it was killed.</summary>
    private async Task<string?> EndOrOverLimitAsync(InstanceHandle run, CancellationToken cancellationToken)
    {
        var ended = InstanceHost.EndOfAsync(run);
        while (true)
        {
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(ended, Task.Delay(host.Options.DiskCheck, host.Time, pause.Token));
            await pause.CancelAsync();
            if (ended.IsCompleted)
            {
                return null;
            }

            cancellationToken.ThrowIfCancellationRequested();
            var limit = spec().Limits.DiskBytes;
            if (host.DiskBytes(id, run) > limit)
            {
                host.Kill(id, run);
                await ended;
                return $"disk limit of {Amount.Of(limit)}";
            }
        }
    }

    private async Task RetireAsync(InstanceHandle run)
    {
        try
        {
            await Task.Delay(host.Options.Handover, host.Time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The whole instance stops: no need to wait for the replacement.
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await host.StopAsync(id, run, spec().StopGrace);
                return;
            }
            catch (Exception exception)
            {
                LogNotRetired(exception, InstanceHost.NameOf(id, run.Slot), attempt);
                if (attempt == Attempts)
                {
                    // The next start of the platform sweeps it away; its replacement serves meanwhile.
                    return;
                }

                await Task.Delay(host.Options.FirstBackoff * attempt, host.Time, CancellationToken.None);
            }
        }
    }

    private void SetRun(InstanceHandle? run)
    {
        Run = run;
        changed();
    }

    private void Tell(InstancePhase phase)
    {
        var address = phase is InstancePhase.Running or InstancePhase.Stopping ? Run?.Address : null;
        var endpoint = address is not null && spec().Port is { } port ? new IPEndPoint(IPAddress.Parse(address), port) : null;
        host.Events.Tell(new InstanceState(id, phase, endpoint, host.Time.GetUtcNow(), _restarts, _lastExit, Run?.Run ?? ""));
    }

    [LoggerMessage(LogLevel.Warning, "{Id} cannot be started")]
    private partial void LogNotStarted(Exception exception, InstanceId id);

    [LoggerMessage(LogLevel.Information, "{Id} ended with code {Code} ({Cause})")]
    private partial void LogEnded(InstanceId id, int code, string? cause);

    [LoggerMessage(LogLevel.Warning, "The supervisor of {Id} died: replacing the instance")]
    private partial void LogSupervisorDied(InstanceId id);

    [LoggerMessage(LogLevel.Error, "{Name}, whose supervisor died, could not be cleared away (attempt {Attempt})")]
    private partial void LogNotRetired(Exception exception, string name, int attempt);

    [LoggerMessage(LogLevel.Error, "{Id} could not be watched or cleared away; it is tried again")]
    private partial void LogLost(Exception exception, InstanceId id);
}
