using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Paas.Client;

/// <summary>Files of NAME=VALUE lines: comments, `export `, 'as it is', "with \n, \t, \" and \\, also over several lines".</summary>
public static partial class EnvFile
{
    [GeneratedRegex(@"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=[ \t]*", RegexOptions.CultureInvariant)]
    private static partial Regex Start { get; }

    /// <param name="name">Of the file, for messages. Values are never repeated in them.</param>
    /// <exception cref="EnvFileException">The line that is wrong, and why.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Parse(string text, string name)
    {
        var lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        var vars = new List<KeyValuePair<string, string>>();
        for (var at = 0; at < lines.Length; at++)
        {
            if (lines[at].TrimStart() is "" or ['#', ..])
            {
                continue;
            }

            if (Start.Match(lines[at]) is not { Success: true } start)
            {
                throw Fault(name, at, "it is not NAME=VALUE");
            }

            vars.Add(new(start.Groups[1].Value, Value(lines, ref at, start.Length, name)));
        }

        return vars;
    }

    private static string Value(string[] lines, ref int at, int from, string name)
    {
        var rest = lines[at][from..];
        switch (rest)
        {
            case ['\'', ..]:
                var close = rest.IndexOf('\'', 1);
                CheckRest(close < 0 ? throw Fault(name, at, "the ' is not closed on this line") : rest[(close + 1)..], name, at);
                return rest[1..close];
            case ['"', ..]:
                return Quoted(lines, ref at, from + 1, name);
            default:
                // A '#' begins a comment only behind a space: colours and URLs have it inside.
                var comment = rest is ['#', ..] ? 0 : rest.IndexOf(" #", StringComparison.Ordinal);
                return (comment < 0 ? rest : rest[..comment]).Trim();
        }
    }

    private static string Quoted(string[] lines, ref int at, int from, string name)
    {
        var (first, value) = (at, new StringBuilder());
        for (; at < lines.Length; at++, from = 0)
        {
            var line = lines[at];
            for (var i = from; i < line.Length; i++)
            {
                switch (line[i])
                {
                    case '"':
                        CheckRest(line[(i + 1)..], name, at);
                        return value.ToString();
                    case '\\' when i + 1 < line.Length:
                        i++;
                        value.Append(line[i] switch { 'n' => "\n", 'r' => "\r", 't' => "\t", '"' or '\\' or '$' => line[i].ToString(), var other => $"\\{other}" });
                        break;
                    default:
                        value.Append(line[i]);
                        break;
                }
            }

            value.Append('\n');
        }

        throw Fault(name, first, "the \" that begins here is not closed");
    }

    private static void CheckRest(string rest, string name, int at)
    {
        if (rest.TrimStart() is not ("" or ['#', ..]))
        {
            throw Fault(name, at, "there is something behind the closing quote");
        }
    }

    private static EnvFileException Fault(string name, int at, string why) =>
        new(at + 1, string.Create(CultureInfo.InvariantCulture, $"Line {at + 1} of {name}: {why}. Nothing was set."));
}

/// <summary>A line of the file cannot be read.</summary>
/// <param name="line">From 1.</param>
/// <param name="message">A sentence that names line and fault, never the value.</param>
public sealed class EnvFileException(int line, string message) : Exception(message)
{
    public int Line => line;
}
