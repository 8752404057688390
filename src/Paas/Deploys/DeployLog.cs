using System.Text.Json;
using Paas.Builds;
using Paas.Client;

namespace Paas.Deploys;

/// <summary>What one deploy says: redacted, kept as JSON lines on disk, shown to the pusher live, followed by others.
/// Lines carry a sequence number, so that a reader who comes back finds neither gap nor double.</summary>
public sealed class DeployLog : IBuildLog, IDisposable
{
    private readonly Lock _writing = new();
    private readonly StreamWriter _file;
    private readonly Func<string, string> _redact;
    private readonly Action<string> _show;
    private readonly Action<string> _phaseBegan;
    private readonly TimeProvider _time;
    private readonly List<DeployLogLine> _lines = [];
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _phase = "";
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

    public void Phase(string name)
    {
        lock (_writing)
        {
            _phase = name;
        }

        _phaseBegan(name);
        Write($"-----> {Title(name)}", indent: false);
    }

    public void Line(string text) => Write(text, indent: true);

    /// <summary>A line without indent: headings and verdicts.</summary>
    public void Head(string text) => Write(text, indent: false);

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

    private static string Title(string phase) => phase switch
    {
        "detect" => "Detecting buildpacks",
        "restore" => "Restoring cached layers",
        "build" => "Building",
        "export" => "Exporting the image",
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

            var line = new DeployLogLine(_lines.Count + 1, _time.GetUtcNow(), _phase, clean);
            _lines.Add(line);
            _file.WriteLine(JsonSerializer.Serialize(line, DeploysJson.Default.DeployLogLine));
            _file.Flush();
            told = _change;
            _change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        told.TrySetResult();
        _show(indent ? $"       {clean}" : clean);
    }
}
