using System.Text.RegularExpressions;

namespace Paas.Dashboard.Pages.Deploys;

/// <summary>A line of a program's output as text: without what steers a terminal.</summary>
public static partial class LogText
{
    /// <summary>ECMA-48: CSI sequences, OSC strings, other escapes; then what is left of the control characters but tab.</summary>
    [GeneratedRegex(@"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)?|\x1b.?|[\x00-\x08\x0a-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", RegexOptions.CultureInvariant)]
    private static partial Regex Steering { get; }

    public static string Plain(string line) => Steering.Replace(line, "");
}
