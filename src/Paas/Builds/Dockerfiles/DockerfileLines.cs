using System.Text;
using System.Text.RegularExpressions;

namespace Paas.Builds.Dockerfiles;

/// <summary>One instruction of a Dockerfile, its continued lines joined.</summary>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Word">Upper case: "FROM".</param>
/// <param name="Rest">What follows the word, without comments and without the texts of heredocs.</param>
internal sealed record DockerfileInstruction(int Line, string Word, string Rest);

/// <summary>Splits a Dockerfile into instructions: directives, comments, continued lines, heredocs (Dockerfile reference, "Format", "Parser directives",
/// "Here-documents").</summary>
internal sealed partial class DockerfileLines(string name, string[] lines)
{
    private const int MaxInstructions = 10_000;

    private int _next;

    /// <summary>'\', or '`' where a directive says so.</summary>
    public char Escape { get; private set; } = '\\';

    [GeneratedRegex(@"^#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.*?)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Directive { get; }

    /// <summary>"&lt;&lt;EOF", "&lt;&lt;-'EOF'"; never "&lt;&lt;&lt;", which is the shell's.</summary>
    [GeneratedRegex("""(?<!<)<<(?<tabs>-?)(?<quote>["']?)(?<word>[A-Za-z_][A-Za-z0-9_.]*)\k<quote>(?!\S)""", RegexOptions.CultureInvariant)]
    private static partial Regex Heredoc { get; }

    public static DockerfileLines Of(string name, string text) => new(name, text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n'));

    /// <exception cref="BuildFailureException">dockerfile_invalid, with the line.</exception>
    public IReadOnlyList<DockerfileInstruction> Read()
    {
        ReadDirectives();
        var instructions = new List<DockerfileInstruction>();
        while (Next() is { } instruction)
        {
            instructions.Add(instruction);
            if (instructions.Count > MaxInstructions)
            {
                throw Fault(instruction.Line, $"it has more than {MaxInstructions} instructions");
            }
        }

        return instructions;
    }

    /// <param name="what">A clause: "FROM needs an image".</param>
    public BuildFailureException Fault(int line, string what) => DockerfileFaults.Invalid(name, line, what);

    /// <summary>They stand before everything else, also before comments and empty lines.</summary>
    private void ReadDirectives()
    {
        for (; _next < lines.Length && Directive.Match(lines[_next]) is { Success: true } match; _next++)
        {
            if (match.Groups[1].Value.Equals("escape", StringComparison.OrdinalIgnoreCase))
            {
                Escape = match.Groups[2].Value is "\\" or "`"
                    ? match.Groups[2].Value[0]
                    : throw Fault(_next + 1, "the directive escape is '\\' or '`'");
            }
        }
    }

    private DockerfileInstruction? Next()
    {
        while (_next < lines.Length && IsEmptyOrComment(lines[_next]))
        {
            _next++;
        }

        if (_next >= lines.Length)
        {
            return null;
        }

        var first = _next + 1;
        var text = Join();
        var end = text.AsSpan().IndexOfAny(' ', '\t');
        var (word, rest) = end < 0 ? (text, "") : (text[..end], text[end..].Trim());
        word = word.ToUpperInvariant();
        if (word is "RUN" or "COPY" or "ADD")
        {
            rest = SkipHeredocs(first, rest);
        }

        return new DockerfileInstruction(first, word, rest);
    }

    private string Join()
    {
        var text = new StringBuilder();
        while (_next < lines.Length)
        {
            var line = lines[_next++];
            if (text.Length > 0 && IsEmptyOrComment(line))
            {
                continue;
            }

            var trimmed = line.TrimEnd(' ', '\t');
            if (trimmed.Length == 0 || trimmed[^1] != Escape)
            {
                text.Append(line);
                break;
            }

            text.Append(trimmed.AsSpan(0, trimmed.Length - 1));
        }

        return text.ToString().Trim();
    }

    /// <summary>What stands in one is the shell's or a file's, whatever it looks like.</summary>
    private string SkipHeredocs(int line, string rest)
    {
        foreach (Match heredoc in Heredoc.Matches(rest))
        {
            var (word, mayBeIndented) = (heredoc.Groups["word"].Value, heredoc.Groups["tabs"].Length > 0);
            var found = false;
            while (!found)
            {
                if (_next >= lines.Length)
                {
                    throw Fault(line, $"the text that begins with <<{word} has no end: a line with {word} alone");
                }

                var text = lines[_next++];
                found = (mayBeIndented ? text.TrimStart('\t') : text) == word;
            }
        }

        return rest;
    }

    private static bool IsEmptyOrComment(string line) => line.AsSpan().TrimStart() is [] or ['#', ..];
}
