using System.Text.RegularExpressions;
using Paas.Client;

namespace Paas.Deploys;

/// <summary>Takes the one sentence of a failed deploy apart for those who show it in parts: what happened, why, what to do, what serves.</summary>
internal static partial class DeployFailures
{
    private const int MostLines = 20;

    /// <summary>As <see cref="DeployWords.StillServing"/> says it at the end.</summary>
    [GeneratedRegex(@"\s*(v\d+ goes on serving\.|Nothing serves yet\.)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex StillServing { get; }

    [GeneratedRegex(@"^v\d+ did not come up\.\s+", RegexOptions.CultureInvariant)]
    private static partial Regex DidNotComeUp { get; }

    /// <summary>Where the first sentence ends and another begins.</summary>
    [GeneratedRegex(@"(?<=\.)\s+(?=[A-Z'])", RegexOptions.CultureInvariant)]
    private static partial Regex SentenceEnd { get; }

    [GeneratedRegex(@"answers \d+ on |does not answer ", RegexOptions.CultureInvariant)]
    private static partial Regex HealthPath { get; }

    /// <summary>The title says it already.</summary>
    [GeneratedRegex(@"^The release command failed \((.+)\)\.$", RegexOptions.CultureInvariant)]
    private static partial Regex ReleaseCommandFailed { get; }

    /// <summary>In a terminal they stand above the sentence, on a page they do not.</summary>
    [GeneratedRegex(@"\b(the )?lines above\b", RegexOptions.CultureInvariant)]
    private static partial Regex LinesAbove { get; }

    /// <summary>A second sentence that is no advice.</summary>
    [GeneratedRegex(@"^(Its|The) lines in the log say why\.$", RegexOptions.CultureInvariant)]
    private static partial Regex SaysNothing { get; }

    /// <summary>Null unless the deploy failed or was interrupted.</summary>
    public static DeployFailure? Of(DeployRecord record)
    {
        if (record is not { State: DeployState.Failed or DeployState.Interrupted, Sentence: { } said })
        {
            return null;
        }

        var phase = record.Phases is [.., var last] ? last.Name : null;
        var serving = StillServing.Match(said);
        var rest = DidNotComeUp.Replace(serving.Success ? said[..serving.Index] : said, "").Trim();
        rest = LinesAbove.Replace(rest.EndsWith(':') ? $"{rest[..^1]}." : rest, match => match.Value.StartsWith("the ", StringComparison.Ordinal) ? "the log" : "lines in the log");
        if (record.State == DeployState.Interrupted)
        {
            // The title says what the sentence says.
            rest = "It was restarted, or the machine went down, while this was under way.";
        }

        var end = SentenceEnd.Match(rest);
        var cause = ReleaseCommandFailed.Replace(end.Success ? rest[..end.Index] : rest, "It ended with $1.");
        var fix = end.Success && rest[end.Index..].Trim() is var advice && !SaysNothing.IsMatch(advice) ? advice : UsualFix(record, phase, cause);
        return new DeployFailure(Title(record, phase), phase, cause, fix, serving.Success ? serving.Groups[1].Value : null);
    }

    /// <summary>With the end of what the failed phase said, without titles and verdict.</summary>
    public static async Task<DeployFailure> WithLastLinesAsync(
        DeployFailure failure, DeployRecord record, IAsyncEnumerable<DeployLogLine> lines, CancellationToken cancellationToken)
    {
        var last = new Queue<string>();
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            if (line.Phase != failure.Phase || line.Text.Length == 0 || line.Text == record.Sentence || line.Text.StartsWith("-----> ", StringComparison.Ordinal))
            {
                continue;
            }

            last.Enqueue(line.Text);
            if (last.Count > MostLines)
            {
                last.Dequeue();
            }
        }

        return failure with { LastLines = [.. last] };
    }

    private static string Title(DeployRecord record, string? phase) => (record.State, phase) switch
    {
        (DeployState.Interrupted, _) => "The platform stopped during the deploy",
        (_, "prepare") => "The build did not begin",
        (_, "detect") => "No buildpack took the app",
        (_, "restore" or "build") => "The build failed",
        (_, "export") => "The image could not be made",
        (_, "fetch") => "The image could not be had",
        (_, "unpack") => "The image cannot be run",
        (_, "release") => "The release command failed",
        (_, "start") => FormattableString.Invariant($"v{record.Number} did not come up"),
        (_, "route") => "The routes were not switched",
        _ => "The deploy failed",
    };

    /// <summary>Where the sentence gives no advice of its own.</summary>
    private static string UsualFix(DeployRecord record, string? phase, string cause) => (phase, record.Cause) switch
    {
        _ when record.State == DeployState.Interrupted => record.Cause == DeployCause.Push ? "Push again." : "Try it again.",
        ("start", _) when HealthPath.IsMatch(cause) => "Let that path answer with a status from 200 to 399, or set another health path.",
        ("start", DeployCause.Config) => "The last lines of the instance say why. The config vars are as they were before: correct them and save again.",
        ("start", DeployCause.Push) => "The last lines of the instance say why: mend it and push again.",
        ("start", DeployCause.Image) => "The last lines of the instance say why: mend the image and push it again.",
        ("start", DeployCause.Stack) => "The last lines of the instance say why: it may need something that the new run image has in another version. Push again to build it there.",
        ("release", DeployCause.Push) => "Its last lines say why: mend it and push again. It ran once, before anything was switched.",
        (_, DeployCause.Push) => "The last lines of the build say why: mend it and push again.",
        _ => "The last lines say why: mend it and try again.",
    };
}
