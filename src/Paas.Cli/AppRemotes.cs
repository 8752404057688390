namespace Paas.Cli;

/// <summary>A git remote: name and where it is.</summary>
internal sealed record Remote(string Name, string Url);

/// <summary>Which app the remotes of a repository mean.</summary>
internal static class AppRemotes
{
    public const string Name = "paas";

    /// <summary>The app of &lt;platform&gt;/git/&lt;app&gt;.git; null when the URL is another one.</summary>
    public static string? AppOf(string url, Uri platform)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme != platform.Scheme || !parsed.Host.Equals(platform.Host, StringComparison.OrdinalIgnoreCase) || parsed.Port != platform.Port)
        {
            return null;
        }

        return parsed.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["git", var name]
            ? name.EndsWith(".git", StringComparison.Ordinal) ? name[..^4] : name
            : null;
    }

    /// <summary>The remote named paas first, else any of the platform.</summary>
    /// <exception cref="CliError">None names an app of the platform, or several name different ones.</exception>
    public static string AppOf(IReadOnlyList<Remote> remotes, Uri platform)
    {
        if (remotes.FirstOrDefault(remote => remote.Name == Name) is { } named)
        {
            // A remote on another platform is a mistake to point at, not an app to guess.
            return AppOf(named.Url, platform)
                ?? throw CliError.Usage($"The git remote '{Name}' of this folder is not an app of {Platforms.Text(platform)}. Name the app with --app NAME, or the platform with --url URL.");
        }

        var apps = remotes.Select(remote => AppOf(remote.Url, platform)).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return apps switch
        {
            [var only] => only,
            [] => throw CliError.Usage($"Which app? Name it with --app NAME, or run this in a git repository with a remote of the platform: git remote add {Name} {Platforms.Text(platform)}/git/NAME.git"),
            _ => throw CliError.Usage($"Which app? The git remotes of this folder are those of {string.Join(" and ", apps)}. Name one with --app NAME."),
        };
    }
}
