using System.Globalization;
using System.Text.Json;
using Paas.Builds;
using Paas.Client;

namespace Paas.Deploys;

/// <summary>What one deploy says: redacted, kept as JSON lines on disk, shown to the pusher live, followed by others.
/// Lines carry a sequence number, so that a reader who comes back finds neither gap nor double.</summary>
/// <remarks>A terminal shows one title per phase, what was said in it, how long it took, and one verdict at the end.</remarks>
public sealed class DeployLog : IBuildLog, IDisposable
{
    /// <summary>Of one phase, as they are kept: a build that prints without end must not fill the host, nor hide what comes after it.</summary>
    private const long MostBytes = 16 << 20;

    /// <summary>Shorter phases are not worth a line that says how long they took.</summary>
    private static readonly TimeSpan Noticeable = TimeSpan.FromMilliseconds(100);

    /// <summary>Phases that a person needs to hear of only when something is said in them.</summary>
    private static readonly HashSet<string> Quiet = ["prepare", "restore", "route"];

    private readonly Lock _writing = new();
    private readonly StreamWriter _file;
    private readonly Func<string, string> _redact;
    private readonly Action<string> _show;
    private readonly Action<string> _phaseBegan;
    private readonly TimeProvider _time;
    private readonly List<DeployLogLine> _lines = [];
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _phase = "";
    private long _phaseBeganAt;
    private bool _titled;
    private bool _blank;
    private bool _afterTitle;
    private long _bytes;
    private bool _ended;

    /// <param name="file">Made with mode 0600.</param>
    /// <param name="redact">Takes known secrets out of a line (trust rule 8).</param>
    /// <param name="show">The pusher's terminal.</param>
    /// <param name="phaseBegan">Told each phase's name.</param>
    /// <param name="time">For the lines' times.</param>
    public DeployLog(string file, Func<string, string> redact, Action<string> show, Action<string> phaseBegan, TimeProvider time)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        _file = new StreamWriter(new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }));
        (_redact, _show, _phaseBegan, _time) = (redact, show, phaseBegan, time);
    }

    /// <summary>The phase that runs now; "" before the first.</summary>
    public string CurrentPhase
    {
        get
        {
            lock (_writing)
            {
                return _phase;
            }
        }
    }

    /// <summary>The text without this deploy's secrets, for what is kept beside the log.</summary>
    public string Redact(string text) => _redact(text);

    /// <summary>Ends the phase before, which went well, and begins this one.</summary>
    public void Phase(string name)
    {
        EndPhase();
        lock (_writing)
        {
            _phase = name;
            _phaseBeganAt = _time.GetTimestamp();
            _titled = false;
            _bytes = 0;
        }

        _phaseBegan(name);
        if (!Quiet.Contains(name))
        {
            WriteTitle();
        }
    }

    public void Line(string text)
    {
        WriteTitle();
        if (Interlocked.Read(ref _bytes) is var bytes && bytes < MostBytes)
        {
            Write(text, indent: true);
        }
        else if (bytes < long.MaxValue / 2 && Interlocked.Exchange(ref _bytes, long.MaxValue / 2) < long.MaxValue / 2)
        {
            Write("(So much was printed that the lines after this one are left out.)", indent: true);
        }
    }

    /// <summary>Ends the last phase and gives the verdict, set off from what was printed before it.</summary>
    /// <param name="sentence">What the person reads.</param>
    /// <param name="well">The last phase went well.</param>
    public void Verdict(string sentence, bool well)
    {
        if (well)
        {
            EndPhase();
        }

        Write("", indent: false);
        Write(sentence, indent: false);
    }

    /// <summary>Lines after <paramref name="after"/> that are there now.</summary>
    public IReadOnlyList<DeployLogLine> SoFar(long after)
    {
        lock (_writing)
        {
            return [.. _lines.Skip((int)Math.Min(after, int.MaxValue))];
        }
    }

    /// <summary>Lines after <paramref name="after"/>, then those that come, until the deploy's end.</summary>
    public async IAsyncEnumerable<DeployLogLine> FollowAsync(long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            DeployLogLine[] fresh;
            Task change;
            bool ended;
            lock (_writing)
            {
                fresh = [.. _lines.Skip((int)Math.Min(after, int.MaxValue))];
                change = _change.Task;
                ended = _ended;
            }

            foreach (var line in fresh)
            {
                yield return line;
                after = line.Sequence;
            }

            if (ended)
            {
                yield break;
            }

            if (fresh.Length == 0)
            {
                await change.WaitAsync(cancellationToken);
            }
        }
    }

    public void Dispose()
    {
        lock (_writing)
        {
            _ended = true;
            _file.Dispose();
            _change.TrySetResult();
        }
    }

    private void EndPhase()
    {
        TimeSpan took;
        lock (_writing)
        {
            took = _titled ? _time.GetElapsedTime(_phaseBeganAt) : TimeSpan.Zero;
        }

        if (took >= Noticeable)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"done in {took.TotalSeconds:0.0} s"), indent: true);
        }
    }

    private void WriteTitle()
    {
        string phase;
        lock (_writing)
        {
            if (_titled || _phase.Length == 0)
            {
                return;
            }

            (_titled, phase) = (true, _phase);
        }

        Write($"-----> {Title(phase)}", indent: false);
    }

    /// <summary>What a terminal shows for a phase.</summary>
    internal static string Title(string phase) => phase switch
    {
        "prepare" => "Preparing the build",
        "detect" => "Detecting buildpacks",
        "restore" => "Restoring cached layers",
        "build" => "Building",
        "export" => "Exporting the image",
        "fetch" => "Getting the image",
        "unpack" => "Unpacking the image",
        "release" => "Running the release command",
        "start" => "Starting the new release",
        "route" => "Switching the routes",
        _ => phase,
    };

    private void Write(string text, bool indent)
    {
        var clean = _redact(text);
        TaskCompletionSource told;
        lock (_writing)
        {
            if (_ended)
            {
                return;
            }

            // Programs like to set their words off with empty lines: one in a row is enough, and none under a title.
            if (clean.Length == 0 && (_blank || (indent && _afterTitle)))
            {
                return;
            }

            (_blank, _afterTitle) = (clean.Length == 0, text.StartsWith("-----> ", StringComparison.Ordinal));
            var line = new DeployLogLine(_lines.Count + 1, _time.GetUtcNow(), _phase, clean);
            _lines.Add(line);
            var kept = JsonSerializer.Serialize(line, DeploysJson.Default.DeployLogLine);
            _bytes += kept.Length;
            _file.WriteLine(kept);
            _file.Flush();
            told = _change;
            _change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        told.TrySetResult();
        _show(indent && clean.Length > 0 ? $"       {clean}" : clean);
    }
}
