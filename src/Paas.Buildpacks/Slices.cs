using System.IO.Enumeration;
using System.Text;
using System.Text.RegularExpressions;

namespace Paas.Buildpacks;

/// <summary>Splits the app directory into layers: a file belongs to the first slice with a glob for it or for a directory above it,
/// else to the rest (CNB buildpack spec 0.12, "launch.toml"; globs as Go's filepath.Match: '*' stays within one name).</summary>
internal sealed class Slices
{
    private readonly int _count;
    private readonly Dictionary<string, int> _sliceOf = new(StringComparer.Ordinal);

    public Slices(string workspace, IReadOnlyList<IReadOnlyList<string>> slices)
    {
        _count = slices.Count;
        if (_count == 0)
        {
            return;
        }

        Regex[][] patterns = [.. slices.Select(globs => globs.Select(ToRegex).ToArray())];
        foreach (var path in Paths(workspace))
        {
            var slice = Array.FindIndex(patterns, globs => globs.Any(glob => glob.IsMatch(path)));
            if (slice >= 0)
            {
                _sliceOf[path] = slice;
            }
        }
    }

    /// <summary>One predicate per app layer over paths relative to the workspace; the last is for the rest.</summary>
    public IEnumerable<Func<string, bool>?> Includes()
    {
        for (var i = 0; i < _count; i++)
        {
            var slice = i;
            yield return path => _sliceOf.TryGetValue(path, out var found) && found == slice;
        }

        yield return _count == 0 ? null : path => !_sliceOf.ContainsKey(path);
    }

    /// <summary>Nothing is followed: a link to a directory is an entry like a file.</summary>
    private static FileSystemEnumerable<string> Paths(string workspace) => new(
        workspace,
        (ref entry) => Path.GetRelativePath(workspace, entry.ToFullPath()),
        new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
    {
        ShouldRecursePredicate = (ref entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        ShouldIncludePredicate = (ref entry) => !entry.IsDirectory || entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
    };

    /// <summary>Also matches everything below what the glob names. A build chose the glob, so nothing may backtrack.</summary>
    private static Regex ToRegex(string glob)
    {
        var pattern = new StringBuilder("^");
        var text = glob.StartsWith("./", StringComparison.Ordinal) ? glob[2..] : glob.Trim('/');
        for (var i = 0; i < text.Length; i++)
        {
            i = GlobPattern.Append(text, i, pattern);
        }

        return new Regex(pattern.Append("(/|$)").ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }
}
