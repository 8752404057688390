using System.Reflection;
using System.Text.RegularExpressions;

namespace Paas.Dashboard.Pages.Guides;

/// <summary>One page of the user guide, as docs/ has it.</summary>
/// <param name="Path">"push", "operations/network"; "README" is the table of contents.</param>
/// <param name="Text">Markdown without its title; links lead to the guide's own addresses.</param>
internal sealed partial record Guide(string Path, string Title, string Text)
{
    public const string Contents = "README";

    private const string Prefix = "docs/";
    private static readonly Assembly Book = typeof(Guide).Assembly;

    [GeneratedRegex(@"\]\((?<target>[A-Za-z0-9_./-]+?)(?<anchor>#[A-Za-z0-9_-]*)?\)", RegexOptions.CultureInvariant)]
    private static partial Regex Link { get; }

    /// <summary>Null when the guide has no such page.</summary>
    public static Guide? Find(string path)
    {
        using var stream = Book.GetManifestResourceStream(Prefix + path);
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream);
        return Of(path, reader.ReadToEnd(), target => Book.GetManifestResourceInfo(Prefix + target) is not null);
    }

    /// <param name="exists">Whether the guide has a page of that path.</param>
    internal static Guide Of(string path, string markdown, Func<string, bool> exists)
    {
        var end = markdown.IndexOf('\n', StringComparison.Ordinal);
        var title = (end < 0 ? markdown : markdown[..end]).TrimStart('#').Trim();
        var folder = path.Contains('/', StringComparison.Ordinal) ? path[..(path.LastIndexOf('/') + 1)] : "";
        return new Guide(path, title, Link.Replace(end < 0 ? "" : markdown[(end + 1)..], link => $"]({AddressOf(folder, link, exists)})"));
    }

    /// <summary>A page's address, a picture's, or none: what only the repository has is no link here.</summary>
    private static string AddressOf(string folder, Match link, Func<string, bool> exists)
    {
        var target = link.Groups["target"].Value;
        if (target.EndsWith(".png", StringComparison.Ordinal))
        {
            return $"/lib/docs/{target[(target.LastIndexOf('/') + 1)..]}";
        }

        if (!target.EndsWith(".md", StringComparison.Ordinal))
        {
            return link.Value[2..^1];
        }

        var path = Resolve(folder + target[..^3]);
        return exists(path) ? $"/docs/{(path == Contents ? "" : path)}{link.Groups["anchor"].Value}" : "/docs/";
    }

    /// <summary>Takes "a/../" out.</summary>
    private static string Resolve(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("." or ".."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }
}
