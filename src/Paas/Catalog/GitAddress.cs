using System.Text;

namespace Paas.Catalog;

/// <summary>A repository of somebody else, as people write it: "https://host/path[.git][#ref[:folder]]" or "...@ref". Credentials may stand in it as in any URL;
/// they are used and not kept.</summary>
/// <param name="Url">Without credentials.</param>
/// <param name="Ref">Branch, tag or commit; null: what the repository's HEAD points to.</param>
/// <param name="Folder">"" for the top.</param>
/// <param name="Authorization">Value of the header; null: as nobody.</param>
internal sealed record GitAddress(Uri Url, string? Ref, string Folder, string? Authorization)
{
    private const int Longest = 1000;

    /// <exception cref="BuildpackRefusedException">buildpack_source_invalid.</exception>
    public static GitAddress Parse(string text)
    {
        var (address, fragment) = Cut(text.Trim(), '#');
        if (text.Length > Longest || text.Any(letter => letter <= ' ' || letter == '\x7f') || !Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Host.StartsWith('-') || (url.Host.Length == 0 && url.Scheme is ("https" or "http")))
        {
            throw Invalid($"'{State.Printable.Short(text)}' is not the URL of a git repository: write https://host/path, with #branch behind it where it is not the default branch.");
        }

        if (url.Scheme is not ("https" or "http"))
        {
            throw Invalid($"Buildpacks are fetched over https:// or http://, not {url.Scheme}://. For files of your own machine name the folder itself: paas buildpacks add DIR");
        }

        if (url.Query.Length > 0)
        {
            throw Invalid("The URL of a git repository has no '?'.");
        }

        var (reference, folder) = fragment is null ? (null, null) : Cut(fragment, ':');
        var path = url.AbsolutePath;
        if (fragment is null && path.LastIndexOf('@') is var at && at > path.LastIndexOf('/'))
        {
            (path, reference) = (path[..at], path[(at + 1)..]);
        }

        var clean = new UriBuilder(url) { UserName = "", Password = "", Path = path, Fragment = "" }.Uri;
        var user = Uri.UnescapeDataString(url.UserInfo);
        return new(clean, CheckRef(reference), CheckFolder(folder ?? ""), user.Length == 0 ? null : $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(user.Contains(':', StringComparison.Ordinal) ? user : $"{user}:"))}");
    }

    public override string ToString() => Ref is null && Folder.Length == 0 ? Url.ToString() : $"{Url}#{Ref}{(Folder.Length > 0 ? ":" + Folder : "")}";

    /// <summary>Also a commit; never an option or a refspec.</summary>
    private static string? CheckRef(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        try
        {
            return Apps.AppSettingRules.Branch(text);
        }
        catch (State.UserError)
        {
            throw Invalid($"'{State.Printable.Short(text)}' is not a branch, tag or commit that git accepts.");
        }
    }

    private static string CheckFolder(string text)
    {
        var parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToList();
        return parts.Contains("..") || text.StartsWith('/')
            ? throw Invalid($"'{State.Printable.Short(text)}' is not a folder of the repository.")
            : string.Join('/', parts);
    }

    private static (string Before, string? After) Cut(string text, char at) => text.Split(at, 2) is [var before, var after] ? (before, after) : (text, null);

    private static BuildpackRefusedException Invalid(string sentence) => new("buildpack_source_invalid", sentence);
}
