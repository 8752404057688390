using System.Globalization;
using System.Net;
using Paas.Apps;
using Paas.Engine;
using Paas.Releases;

namespace Paas.Instances;

/// <summary>How a wait for health ended.</summary>
/// <param name="Sentence">Null: healthy. Else what was wrong and what to do.</param>
/// <param name="LastLines">What the instance said last; empty when healthy.</param>
public sealed record HealthVerdict(string? Sentence, IReadOnlyList<string> LastLines)
{
    public static HealthVerdict Healthy { get; } = new(null, []);

    public bool IsHealthy => Sentence is null;
}

/// <summary>Probes a new instance until it is healthy or the deadline passes, and says exactly what was wrong.</summary>
public sealed class HealthCheck(IEngine engine, InstanceBoard board, InstanceNews news, HealthProbe probe, TimeProvider time)
{
    /// <summary>A listener on another port, or on loopback only, for this long ends the wait early: it will not mend itself.</summary>
    public static readonly TimeSpan WrongListenerPatience = TimeSpan.FromSeconds(20);

    /// <summary>A process without a port is healthy when it has run this long.</summary>
    public static readonly TimeSpan WorkerSettle = TimeSpan.FromSeconds(2);

    private const int MostExits = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan InspectEvery = TimeSpan.FromSeconds(1);

    /// <summary>For an instance that is new: three exits end the wait. Returns as soon as the verdict is known; marks a healthy run on the board, and tells of it.</summary>
    /// <param name="release">An image that was not built here may bring a health check of its own.</param>
    public Task<HealthVerdict> WaitAsync(App app, Release release, ProcessSpec spec, InstanceId id, CancellationToken cancellationToken) =>
        WaitAsync(app, release, spec, id, run: null, cancellationToken);

    /// <summary>For one run of an instance that may have ended many times in its life: the end of this run ends the wait.</summary>
    public Task<HealthVerdict> WaitForRunAsync(App app, Release release, ProcessSpec spec, InstanceState state, CancellationToken cancellationToken) =>
        WaitAsync(app, release, spec, state.Id, state.Run, cancellationToken);

    private async Task<HealthVerdict> WaitAsync(App app, Release release, ProcessSpec spec, InstanceId id, string? run, CancellationToken cancellationToken)
    {
        var own = spec.Port is not null && app.HealthPath is null && release.Run?.Health is { } check ? new ImageHealthProbe(engine, check, id, time) : null;
        var patience = PatienceWith(app, own is null ? null : release.Run!.Health);
        var began = time.GetTimestamp();
        var inspected = began;
        long? wrongSince = null;
        var pause = FirstPause;
        var answer = "";
        while (true)
        {
            var change = board.NextChange;
            var instance = board.Find(id);
            if (instance is { Healthy: true })
            {
                return HealthVerdict.Healthy;
            }

            if (run is not null && instance?.State.Run != run)
            {
                return new HealthVerdict($"{id.Short} ended.", []);
            }

            if (run is null && instance is not null && ExitsOf(instance.State) >= MostExits)
            {
                return await VerdictAsync(id, Exited(id, spec, instance.State.LastExit!), cancellationToken);
            }

            if (instance is { State: { Phase: InstancePhase.Running } running })
            {
                var (healthy, said) = await ProbeAsync(app, spec, running, own, cancellationToken);
                if (healthy)
                {
                    // Not of a run that ended while it was asked: whatever answered was not it.
                    if (board.MarkHealthy(id, running.Run))
                    {
                        news.Changed(id);
                        return HealthVerdict.Healthy;
                    }

                    continue;
                }

                answer = said ?? answer;
                if (said is null && spec.Port is { } port && time.GetElapsedTime(inspected) >= InspectEvery)
                {
                    inspected = time.GetTimestamp();
                    var wrong = WrongListener(id, port, release, await engine.InspectAsync(id, cancellationToken));
                    wrongSince = wrong is null ? null : wrongSince ?? inspected;
                    answer = wrong ?? answer;
                    if (wrong is not null && time.GetElapsedTime(wrongSince!.Value) >= WrongListenerPatience)
                    {
                        return await VerdictAsync(id, wrong, cancellationToken);
                    }
                }
            }

            if (time.GetElapsedTime(began) >= patience)
            {
                return await VerdictAsync(id, TooLate(patience, spec, id, instance, answer), cancellationToken);
            }

            await Task.WhenAny(change, Task.Delay(pause, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause;
        }
    }

    /// <summary>How often the instance has ended since it was first started.</summary>
    private static int ExitsOf(InstanceState state) => state.LastExit is null ? 0 : state.Restarts + (state.Phase == InstancePhase.BackingOff ? 1 : 0);

    /// <summary>The app's own, or what the image says that its start may take if that is longer.</summary>
    private static TimeSpan PatienceWith(App app, ImageHealth? own) =>
        own is not null && own.StartPeriod + own.Timeout is var needed && needed > app.HealthTimeout && own.StartPeriod > TimeSpan.Zero ? needed : app.HealthTimeout;

    private async Task<(bool Healthy, string? Said)> ProbeAsync(App app, ProcessSpec spec, InstanceState running, ImageHealthProbe? own, CancellationToken cancellationToken)
    {
        if (spec.Port is null)
        {
            return (time.GetUtcNow() - running.Since >= WorkerSettle, null);
        }

        if (running.Endpoint is null)
        {
            return (false, null);
        }

        var status = await probe.AskAsync(running.Endpoint, app.HealthPath, cancellationToken);
        return status switch
        {
            ProbeAnswer.Good when own is not null => await own.AskAsync(cancellationToken),
            ProbeAnswer.Good => (true, null),
            ProbeAnswer.Status(var code) => (false, string.Create(CultureInfo.InvariantCulture, $"{running.Id.Short} answers {code} on {app.HealthPath}; the health check needs 200-399")),
            ProbeAnswer.NoAnswer => (false, $"{running.Id.Short} accepts connections but does not answer {app.HealthPath}"),
            _ => (false, null),
        };
    }

    private static string? WrongListener(InstanceId id, int port, Release release, Inspection? inspection)
    {
        var listeners = inspection?.Listeners ?? [];
        if (listeners.Count == 0 || listeners.Any(item => item.Port == port && !IPAddress.IsLoopback(item.Address)))
        {
            return null;
        }

        if (listeners.Any(item => item.Port == port))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{id.Short} listens on 127.0.0.1:{port} only, where nobody outside reaches it: let it listen on 0.0.0.0");
        }

        var ports = string.Join(" and ", listeners.Select(item => item.Port).Distinct().Order().Select(item => item.ToString(CultureInfo.InvariantCulture)));
        return string.Create(CultureInfo.InvariantCulture, $"{id.Short} listens on port {ports}, but it should listen on the port in the environment variable PORT ({port}){(release.Run is null ? "" : ". If it cannot, say where it does: paas config set PORT=<number>")}");
    }

    private static string Exited(InstanceId id, ProcessSpec spec, ExitInfo exit) => exit.Cause switch
    {
        { } cause when cause.StartsWith("out of memory", StringComparison.Ordinal) =>
            string.Create(CultureInfo.InvariantCulture, $"{id.Short} was killed three times: {cause}. Give it more with: paas ps scale {id.Process.Type}={spec.Count} --memory 1G"),
        { } cause => $"{id.Short} ended three times: {cause}",
        null => string.Create(CultureInfo.InvariantCulture, $"{id.Short} exited three times: exit {exit.Code}"),
    };

    private static string TooLate(TimeSpan patience, ProcessSpec spec, InstanceId id, Instance? instance, string answer)
    {
        var seconds = patience.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        return (instance?.State, answer) switch
        {
            (_, { Length: > 0 }) => $"{answer} (after {seconds} s)",
            ({ LastExit: { } exit }, _) when spec.Port is null => Ended(exit),
            ({ Phase: InstancePhase.BackingOff, LastExit: { } exit }, _) => Ended(exit),
            (null, _) => $"{id.Short} could not be started within {seconds} s",
            _ => string.Create(CultureInfo.InvariantCulture, $"{id.Short} did not listen on port {spec.Port} within {seconds} s. More time: paas apps set --health-timeout 120"),
        };

        string Ended(ExitInfo exit) => string.Create(CultureInfo.InvariantCulture, $"{id.Short} does not stay up: {exit.Cause ?? $"exit {exit.Code}"}");
    }

    private async Task<HealthVerdict> VerdictAsync(InstanceId id, string sentence, CancellationToken cancellationToken)
    {
        var inspection = await engine.InspectAsync(id, cancellationToken);
        return new HealthVerdict(sentence + ".", inspection?.LastLines ?? []);
    }
}
