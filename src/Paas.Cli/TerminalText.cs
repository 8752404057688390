using System.Text.RegularExpressions;

namespace Paas.Cli;

/// <summary>What an app wrote, made harmless for a terminal: colours pass, everything else that a terminal obeys does not
/// (ECMA-48: it could move the cursor, rewrite lines, set the title, or answer into the shell).</summary>
internal static partial class TerminalText
{
    private const string Reset = "\e[0m";

    /// <summary>Control sequences (CSI), command strings (OSC, DCS, SOS, PM, APC) to their end, other escapes, and control characters
    /// but tab and line feed. A colour is a CSI of numbers that ends in "m".</summary>
    [GeneratedRegex(@"(?<colour>\x1b\[[0-9;:]*m)|(\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b-\x1f\x7f-\x9f]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Control { get; }

    public static string Of(string text)
    {
        var coloured = false;
        var clean = Control.Replace(text, match =>
        {
            coloured |= match.Groups["colour"].Success;
            return match.Groups["colour"].Value;
        });
        return coloured && !clean.EndsWith(Reset, StringComparison.Ordinal) ? clean + Reset : clean;
    }
}
