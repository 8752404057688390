using Paas.Client;

namespace Paas.Dashboard.Pages.Deploys;

/// <summary>The lines of a deploy's log by phase, the newest of each.</summary>
public sealed class PhaseLines
{
    /// <summary>As many as a page holds well.</summary>
    public const int Most = 1000;

    private readonly List<string> _order = [];
    private readonly Dictionary<string, (Queue<DeployLogLine> Lines, int Count)> _phases = new(StringComparer.Ordinal);

    /// <summary>How many lines there were so far.</summary>
    public long Taken { get; private set; }

    public void Take(DeployLogLine line)
    {
        Taken++;
        if (!_phases.TryGetValue(line.Phase, out var phase))
        {
            phase = (new Queue<DeployLogLine>(), 0);
            _order.Add(line.Phase);
        }

        // The title stands above the lines already.
        if (!line.Text.StartsWith("-----> ", StringComparison.Ordinal))
        {
            phase.Lines.Enqueue(line);
            phase.Count++;
            if (phase.Lines.Count > Most)
            {
                phase.Lines.Dequeue();
            }
        }

        _phases[line.Phase] = phase;
    }

    /// <summary>In the order in which they began.</summary>
    public IReadOnlyList<Phase> Snapshot() => [.. _order.Select(name => new Phase(name, _phases[name].Count, [.. _phases[name].Lines]))];

    /// <param name="Count">Of all its lines, those left out included.</param>
    public sealed record Phase(string Name, int Count, IReadOnlyList<DeployLogLine> Lines)
    {
        public int LeftOut => Count - Lines.Count;
    }
}
