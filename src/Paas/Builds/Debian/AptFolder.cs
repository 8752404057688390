namespace Paas.Builds.Debian;

/// <summary>A folder in which the host's apt works for an image: with the host's way to its mirrors and nothing else of the host.</summary>
internal static class AptFolder
{
    /// <summary>mmdebstrap(1), "MIRROR": what it takes on a host that names no mirror of Debian.</summary>
    private const string Archive = "http://deb.debian.org/debian";
    private const string SecurityArchive = "http://security.debian.org/debian-security";

    /// <summary>Where apt leaves the lists.</summary>
    public static string ListsIn(string folder) => Path.Combine(folder, "state", "lists");

    /// <param name="folder">Is made unless it is there; can be made again for another image of the same mirrors.</param>
    /// <param name="statusFile">dpkg's status file: what counts as installed.</param>
    /// <param name="apt">The host's mirrors for the suite of <paramref name="recipe"/>.</param>
    /// <returns>The environment for apt.</returns>
    public static Dictionary<string, string> Make(string folder, StackRecipe recipe, string statusFile, AptSources apt)
    {
        foreach (var part in new[] { "state/lists/partial", "cache/archives/partial", "none" })
        {
            Directory.CreateDirectory(Path.Combine(folder, part));
        }

        var file = Path.Combine(folder, $"{recipe.Id}.conf");
        Write(file, Configuration(folder, statusFile, apt));
        Write(Path.Combine(folder, "sources.list"), LinesFor(recipe, apt));
        return new Dictionary<string, string> { ["APT_CONFIG"] = file, ["LC_ALL"] = "C.UTF-8" };
    }

    /// <summary>One-line sources: the host's own mirrors, else Debian's usual ones.</summary>
    public static IReadOnlyList<string> LinesFor(StackRecipe recipe, AptSources apt) => apt.Lines.Count > 0 ? apt.Lines : Usual(recipe);

    /// <summary>apt.conf(5): what APT_CONFIG names is read before the host's own parts, and points away from them.</summary>
    internal static IEnumerable<string> Configuration(string folder, string statusFile, AptSources apt) =>
    [
        $"Dir::State \"{folder}/state\";",
        $"Dir::State::status \"{statusFile}\";",
        $"Dir::Cache \"{folder}/cache\";",
        $"Dir::Etc::sourcelist \"{folder}/sources.list\";",
        $"Dir::Etc::sourceparts \"{folder}/none\";",
        $"Dir::Etc::parts \"{folder}/none\";",
        $"Dir::Etc::main \"{folder}/none\";",
        $"Dir::Etc::preferences \"{folder}/none\";",
        $"Dir::Etc::preferencesparts \"{folder}/none\";",
        .. BaseTar.AptConf.Select(line => $"{line};"),
        .. apt.Options.Select(option => $"{option};"),
    ];

    /// <summary>A proxy or a mirror may be named with a password.</summary>
    private static void Write(string file, IEnumerable<string> lines)
    {
        using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        stream.Write(System.Text.Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
    }

    private static string[] Usual(StackRecipe recipe)
    {
        var components = string.Join(' ', recipe.Components);
        return
        [
            $"deb [signed-by={AptSources.Keyring}] {Archive} {recipe.Suite} {components}",
            $"deb [signed-by={AptSources.Keyring}] {Archive} {recipe.Suite}-updates {components}",
            $"deb [signed-by={AptSources.Keyring}] {SecurityArchive} {recipe.Suite}-security {components}",
        ];
    }
}
