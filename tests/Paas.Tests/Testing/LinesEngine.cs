using System.Runtime.CompilerServices;
using Paas.Engine;

namespace Paas.Testing;

/// <summary>An engine that has nothing but the log lines that it was given.</summary>
internal sealed class LinesEngine : IEngine
{
    public List<LogLine> Lines { get; } = [];

    /// <summary>What was asked last.</summary>
    public LogQuery? Asked { get; private set; }

    /// <summary>Runs after each line, before the next is read.</summary>
    public Action<LogLine> After { get; set; } = static _ => { };

    public EngineCapabilities Capabilities { get; } = new("fake", "lines", false, 1, []);

    public async IAsyncEnumerable<LogLine> LogsAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Asked = query;
        foreach (var line in Lines)
        {
            yield return line;
            After(line);
        }

        if (query.Follow)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    public Task ApplyAsync(ProcessSpec spec, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemoveAsync(ProcessKey process, TimeSpan grace, CancellationToken cancellationToken) => throw new NotSupportedException();

    public async IAsyncEnumerable<EngineEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new Observed();
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    public Task<ExitInfo> RunAsync(RunSpec spec, RunStreams streams, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ExitInfo?> ExecAsync(InstanceId instance, IReadOnlyList<string> args, RunStreams streams, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<InstanceStats?> StatsAsync(InstanceId instance, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<InstanceUsage?> UsageAsync(InstanceId instance, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Inspection?> InspectAsync(InstanceId instance, CancellationToken cancellationToken) => throw new NotSupportedException();
}
