using System.Globalization;
using System.Text;

namespace Paas.Git;

/// <summary>Text of a stranger's repository (file names, branch names, link targets) as a terminal may show it: no character of it acts on the screen.</summary>
internal static class Printable
{
    private const int Longest = 200;

    /// <summary>Control characters, line separators and bidirectional overrides (Unicode UAX #9) become escapes; long text is cut.</summary>
    public static string Show(string text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= Longest)
            {
                return shown.Append("...").ToString();
            }

            _ = rune.Value switch
            {
                '\n' => shown.Append("\\n"),
                '\r' => shown.Append("\\r"),
                '\t' => shown.Append("\\t"),
                '\\' => shown.Append("\\\\"),
                < 0x20 or 0x7f => shown.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                _ when Acts(rune) => shown.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => shown.Append(rune.ToString()),
            };
        }

        return shown.ToString();
    }

    /// <summary>Whether showing it as it is would mislead.</summary>
    public static bool IsHostile(string text) => text.EnumerateRunes().Any(Acts);

    private static bool Acts(Rune rune) => rune.Value is 0x200e or 0x200f or (>= 0x202a and <= 0x202e) or (>= 0x2066 and <= 0x2069)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
