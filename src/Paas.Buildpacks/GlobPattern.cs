using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Paas.Buildpacks;

/// <summary>Globs as regular expressions, one element at a time: '*' and '?' stay within one name, [sets] and backslash as in
/// Go's filepath.Match and in gitignore(5).</summary>
internal static class GlobPattern
{
    /// <summary>Appends the element that begins at an index.</summary>
    /// <returns>The index of the element's last character.</returns>
    public static int Append(string glob, int at, StringBuilder pattern)
    {
        switch (glob[at])
        {
            case '*':
                pattern.Append("[^/]*");
                return at;
            case '?':
                pattern.Append("[^/]");
                return at;
            case '\\' when at + 1 < glob.Length:
                pattern.Append(Regex.Escape(glob[at + 1].ToString()));
                return at + 1;
            case '[' when CloseOf(glob, at) is var close and > 0:
                AppendSet(glob[(at + 1)..close], pattern);
                return close;
            default:
                pattern.Append(Regex.Escape(glob[at].ToString()));
                return at;
        }
    }

    /// <summary>-1 when the bracket is never closed, and so an ordinary character. A bracket right at the start belongs to the set.</summary>
    private static int CloseOf(string glob, int open)
    {
        var first = open + 1 < glob.Length && glob[open + 1] is '^' or '!' ? open + 2 : open + 1;
        for (var i = first; i < glob.Length; i++)
        {
            if (glob[i] == '\\')
            {
                i++;
            }
            else if (glob[i] == ']' && i > first)
            {
                return i;
            }
        }

        return -1;
    }

    private static void AppendSet(string set, StringBuilder pattern)
    {
        var negated = set[0] is '^' or '!';
        var ranges = new StringBuilder();
        for (var i = negated ? 1 : 0; i < set.Length; i++)
        {
            var low = Next(ref i);
            var high = low;
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                i += 2;
                high = Next(ref i);
            }

            // A range backwards is no fault: it matches nothing.
            if (low <= high)
            {
                ranges.Append(CultureInfo.InvariantCulture, $"\\u{(int)low:X4}-\\u{(int)high:X4}");
            }
        }

        pattern.Append((negated, ranges.Length) switch
        {
            (true, _) => $"[^/{ranges}]",
            (false, 0) => "[^\\s\\S]",
            _ => $"[{ranges}]",
        });

        char Next(ref int i) => set[i] == '\\' && i + 1 < set.Length ? set[++i] : set[i];
    }
}
