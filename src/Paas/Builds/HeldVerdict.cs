using System.Text.RegularExpressions;

namespace Paas.Builds;

/// <summary>Keeps a buildpack's last word back until it is known whether it becomes the verdict: nobody wants to read a sentence twice.</summary>
internal sealed partial class HeldVerdict(IBuildLog log) : IBuildLog
{
    private readonly Lock _gate = new();
    private string? _held;

    /// <summary>"lock_file_missing: " and a sentence, as our buildpacks say it.</summary>
    [GeneratedRegex(@"^[a-z]+(_[a-z0-9]+)+: \S")]
    private static partial Regex Word { get; }

    public void Phase(string name)
    {
        lock (_gate)
        {
            Release();
            log.Phase(name);
        }
    }

    public void Line(string text)
    {
        lock (_gate)
        {
            Release();
            if (Word.IsMatch(text))
            {
                _held = text;
            }
            else
            {
                log.Line(text);
            }
        }
    }

    /// <summary>The build failed with this; what was held is said unless it is the same.</summary>
    public BuildResult.Failed Say(BuildResult.Failed failed)
    {
        lock (_gate)
        {
            if (_held != $"{failed.Code}: {failed.Sentence}")
            {
                Release();
            }
        }

        return failed;
    }

    private void Release()
    {
        if (_held is { } text)
        {
            _held = null;
            log.Line(text);
        }
    }
}
