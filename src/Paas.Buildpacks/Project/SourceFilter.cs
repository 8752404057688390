using System.Text;
using System.Text.RegularExpressions;

namespace Paas.Buildpacks.Project;

/// <summary>Which files of a source take part in its build: include or exclude of project.toml, lines as in a .gitignore.
/// The last line that matches a file, or a directory above it, decides; "!" in front of a line takes back what lines before it said.</summary>
public sealed class SourceFilter
{
    private readonly bool _keepsMatches;
    private readonly List<(Regex Pattern, bool Negated)> _lines = [];

    /// <param name="lines">Patterns.</param>
    /// <param name="keepsMatches">True: only what matches stays. False: all but what matches stays.</param>
    public SourceFilter(IReadOnlyList<string> lines, bool keepsMatches)
    {
        _keepsMatches = keepsMatches;
        foreach (var line in lines)
        {
            if (Compile(line) is { } compiled)
            {
                _lines.Add(compiled);
            }
        }
    }

    /// <param name="path">Of a file or a link, relative to the source, with '/'.</param>
    public bool Keeps(string path)
    {
        var matches = false;
        foreach (var (pattern, negated) in _lines)
        {
            if (pattern.IsMatch(path))
            {
                matches = !negated;
            }
        }

        return matches == _keepsMatches;
    }

    /// <summary>Deletes what does not take part, with directories that get empty. Nothing is followed; nobody else may write to the directory.</summary>
    /// <returns>How many files went.</returns>
    public int Prune(string directory) => Prune(new DirectoryInfo(directory), "");

    private int Prune(DirectoryInfo directory, string prefix)
    {
        var gone = 0;
        foreach (var entry in directory.EnumerateFileSystemInfos().ToList())
        {
            var path = prefix + entry.Name;
            if (entry is DirectoryInfo { LinkTarget: null } below)
            {
                var goneBelow = Prune(below, path + "/");
                gone += goneBelow;
                if (goneBelow > 0 && !below.EnumerateFileSystemInfos().Any())
                {
                    below.Delete();
                }
            }
            else if (!Keeps(path))
            {
                entry.Delete();
                gone++;
            }
        }

        return gone;
    }

    /// <summary>gitignore(5), "Pattern format". A stranger chose the line, so nothing may backtrack. Null: a comment or blank.</summary>
    private static (Regex Pattern, bool Negated)? Compile(string line)
    {
        var text = line.TrimEnd('\r');
        text = text.EndsWith("\\ ", StringComparison.Ordinal) ? text : text.TrimEnd(' ');
        if (text.Length == 0 || text[0] == '#')
        {
            return null;
        }

        var negated = text[0] == '!';
        text = negated ? text[1..] : text;
        text = text.StartsWith("./", StringComparison.Ordinal) ? text[1..] : text; // matches nothing in a .gitignore, and people mean the root
        var onlyDirectories = text.EndsWith('/');
        text = text.TrimEnd('/');
        if (text.Length == 0)
        {
            return null;
        }

        // With a slash at the start or in the middle a line is bound to the root; without, it matches at any depth.
        var pattern = new StringBuilder(text.Contains('/') ? "^" : "^(.*/)?");
        Translate(text.StartsWith('/') ? text[1..] : text, pattern);
        pattern.Append(onlyDirectories ? "/" : "(/|$)");
        return (new Regex(pattern.ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline), negated);
    }

    private static void Translate(string text, StringBuilder pattern)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var rest = text.AsSpan(i);
            if (rest.StartsWith("**/") && (i == 0 || text[i - 1] == '/'))
            {
                pattern.Append("(.*/)?");
                i += 2;
            }
            else if (rest is "**" && i > 0 && text[i - 1] == '/')
            {
                pattern.Append(".+");
                i++;
            }
            else
            {
                i = GlobPattern.Append(text, i, pattern);
            }
        }
    }
}
