using Paas.State;

namespace Paas.Apps;

/// <summary>A buildpack as people name it: "id" or "id@version".</summary>
/// <param name="Version">Null: the newest that there is.</param>
public readonly record struct BuildpackName(string Id, string? Version)
{
    /// <summary>Names of one app's build.</summary>
    public const int MaxOfApp = 20;

    private const int MaxLength = 200;

    /// <exception cref="UserError">buildpack_name_invalid.</exception>
    public static BuildpackName Parse(string text)
    {
        var parts = text.Trim().Split('@', 2);
        return IsId(parts[0]) && (parts.Length == 1 || IsVersion(parts[1]))
            ? new(parts[0], parts.Length == 2 ? parts[1] : null)
            : throw new UserError("buildpack_name_invalid", 400, $"'{Printable.Short(text)}' does not name a buildpack: write its id, or id@version, as in 'paas buildpacks list'.");
    }

    /// <summary>The text that <see cref="Join"/> made.</summary>
    public static IReadOnlyList<BuildpackName> Split(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

    public static string Join(IEnumerable<BuildpackName> names) => string.Join(' ', names);

    /// <summary>The id becomes the name of a directory, with '_' for '/' (CNB platform spec 0.15, "Buildpacks Directory Layout").</summary>
    public static bool IsId(string text) => text.Length is > 0 and <= MaxLength && text[0] is not ('-' or '.' or '/') && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or '/');

    /// <summary>Any word: not every buildpack uses semantic versions. It becomes the name of a directory too.</summary>
    public static bool IsVersion(string text) => text.Length is > 0 and <= MaxLength && text[0] is not ('-' or '.') && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or '+' or '~');

    public override string ToString() => Version is null ? Id : $"{Id}@{Version}";
}
