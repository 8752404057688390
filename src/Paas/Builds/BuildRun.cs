using System.Globalization;
using Paas.Logs;

namespace Paas.Builds;

/// <summary>One build while it runs: passes on what it says, and keeps its phases, its last lines and what it made, to be written down
/// without secrets at its end (trust rule 8).</summary>
internal sealed class BuildRun(BuildRecord record, IBuildLog log, Redactor redactor, TimeProvider time) : IBuildLog
{
    private const int MostLines = 20;

    private readonly Lock _gate = new();
    private readonly Queue<string> _last = new(MostLines);
    private readonly List<BuildPhase> _phases = [];
    private long _phaseBegan;
    private BuildFacts _facts = new();

    public int Number => record.Number;

    /// <summary>As it stands now.</summary>
    public BuildRecord Record
    {
        get
        {
            lock (_gate)
            {
                return record with { Facts = _facts with { Phases = [.. _phases] } };
            }
        }
    }

    public string? CurrentPhase
    {
        get
        {
            lock (_gate)
            {
                return _phases is [.., { Milliseconds: null, Name: var name }] ? name : null;
            }
        }
    }

    /// <summary>The end of what the phase said so far.</summary>
    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (_gate)
            {
                return [.. _last];
            }
        }
    }

    /// <summary>For the log: "prepare 0.1 s, detect 0.2 s".</summary>
    public string Times => string.Join(", ", Record.Facts.Phases
        .Select(phase => string.Create(CultureInfo.InvariantCulture, $"{phase.Name} {(phase.Milliseconds ?? ElapsedMilliseconds) / 1000.0:0.0#} s")));

    private long ElapsedMilliseconds => (long)time.GetElapsedTime(_phaseBegan).TotalMilliseconds;

    public void Phase(string name)
    {
        lock (_gate)
        {
            ClosePhase();
            _phases.Add(new BuildPhase(name, null));
            _phaseBegan = time.GetTimestamp();
            _last.Clear();
        }

        log.Phase(name);
    }

    public void Line(string text)
    {
        lock (_gate)
        {
            if (_last.Count == MostLines)
            {
                _last.Dequeue();
            }

            _last.Enqueue(text);
        }

        log.Line(text);
    }

    /// <summary>What is known of it now.</summary>
    public void Know(Func<BuildFacts, BuildFacts> change)
    {
        lock (_gate)
        {
            _facts = change(_facts);
        }
    }

    /// <param name="inputs">Null: no later build may be answered from this one.</param>
    public BuildRecord End(BuildState state, BuildTrouble? trouble, string? inputs)
    {
        lock (_gate)
        {
            ClosePhase();
        }

        var ended = Record;
        return ended with
        {
            State = state,
            EndedAt = time.GetUtcNow(),
            Inputs = inputs,
            Facts = ended.Facts with { Failure = trouble is null ? null : trouble with { Sentence = redactor.Redact(trouble.Sentence), LastLines = [.. trouble.LastLines.Select(redactor.Redact)] } },
        };
    }

    private void ClosePhase()
    {
        if (_phases is [.., { Milliseconds: null } running])
        {
            _phases[^1] = running with { Milliseconds = ElapsedMilliseconds };
        }
    }
}
