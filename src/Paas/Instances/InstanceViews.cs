using System.Globalization;
using Paas.Client;
using Paas.Engine;

namespace Paas.Instances;

/// <summary>Instances as people read them.</summary>
public static class InstanceViews
{
    public static InstanceView Of(Instance instance, InstanceUsage? usage, int memoryLimitMb, DateTimeOffset now)
    {
        var (state, sentence) = Say(instance, now);
        return new InstanceView(
            instance.State.Id.Short,
            instance.State.Id.Process.Type,
            instance.State.Id.Process.Release,
            state,
            sentence,
            instance.State.Since,
            instance.State.Restarts,
            usage is null ? null : Math.Round(usage.MemoryBytes / 1048576.0, 1),
            memoryLimitMb);
    }

    /// <summary>"4 min", "2 h 5 min", "12 s".</summary>
    public static string Span(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays} d {time.Hours} h"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (int)time.TotalSeconds)} s"),
    };

    /// <summary>"exit 1", "out of memory at 512 MB".</summary>
    public static string Cause(ExitInfo exit) => exit.Cause ?? string.Create(CultureInfo.InvariantCulture, $"exit {exit.Code}");

    /// <summary>"once", "3 times".</summary>
    public static string Times(int count) => count == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{count} times");

    private static (string State, string Sentence) Say(Instance instance, DateTimeOffset now)
    {
        var state = instance.State;
        var since = Span(now - state.Since);
        return state.Phase switch
        {
            InstancePhase.Running when instance.Healthy || state.Id.Process.Type != ProcessSpecs.Web => ("live", $"Live for {since}{Before(state)}"),
            InstancePhase.Running => ("starting", $"Started {since} ago, not healthy yet{Before(state)}"),
            InstancePhase.BackingOff => ("restarting", string.Create(CultureInfo.InvariantCulture, $"Restarting: {(state.LastExit is { } exit ? Cause(exit) : "stopped")}, {Times(state.Restarts + 1)}")),
            InstancePhase.Stopping => ("stopping", $"Stopping for {since}"),
            _ => ("starting", "Starting"),
        };
    }

    /// <summary>Why it was started anew the last time: who looks after the restart should find it too.</summary>
    private static string Before(InstanceState state) => state is { Restarts: > 0, LastExit: { } exit }
        ? string.Create(CultureInfo.InvariantCulture, $". Restarted {Times(state.Restarts)}, last after: {Cause(exit)}")
        : "";
}
