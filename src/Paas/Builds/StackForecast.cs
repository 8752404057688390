using System.Text.RegularExpressions;
using Paas.Engine.Native.Disk;

namespace Paas.Builds;

/// <summary>What would be newer in base images made today: apt's own answer, from today's package lists and the images' dpkg status. It
/// takes seconds; making the images takes minutes.</summary>
/// <param name="status">dpkg's status file of an image: "run", "build".</param>
internal sealed partial class StackForecast(StackCache cache, StackRecipes recipes, Func<string, string> status)
{
    /// <summary>mmdebstrap(1), "MIRROR": what it takes on a host that names no mirror of Debian.</summary>
    private const string Archive = "http://deb.debian.org/debian";
    private const string SecurityArchive = "http://security.debian.org/debian-security";

    /// <summary>apt-get(8), "--simulate": "Inst name [old] (new origin [architecture])" and "Remv name [old]".</summary>
    [GeneratedRegex(@"^(?<what>Inst|Remv) (?<name>[^\s:]+)(?::\S+)?(?: \[(?<before>[^\]]+)\])?(?: \((?<after>\S+))?")]
    private static partial Regex Step { get; }

    /// <exception cref="HostProgramException">A mirror cannot be reached, or apt is missing.</exception>
    public async Task<IReadOnlyList<PackageChange>> ReadAsync(CancellationToken cancellationToken)
    {
        var work = Directory.CreateDirectory(Path.Combine(cache.Root, "forecast", Guid.NewGuid().ToString("N")));
        try
        {
            var dump = await HostProgram.OutputAsync("apt-config", ["dump"], new Dictionary<string, string>(), cancellationToken);
            var changes = new List<PackageChange>();
            var refreshed = false;
            foreach (var recipe in new[] { recipes.Run, recipes.Build })
            {
                var env = Configure(work.FullName, recipe, AptSources.Read("/", dump, recipe.Suite, recipe.Components));
                if (!refreshed)
                {
                    await HostProgram.OutputAsync("apt-get", ["update", "-q", "-o", "APT::Update::Error-Mode=any"], env, cancellationToken);
                    refreshed = true;
                }

                changes.AddRange(Parse(recipe.Id, await HostProgram.OutputAsync("apt-get", ["upgrade", "--with-new-pkgs", "--simulate", "-q"], env, cancellationToken)));
            }

            return changes;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    internal static IEnumerable<PackageChange> Parse(string image, string simulated) =>
        from line in simulated.Split('\n')
        let match = Step.Match(line)
        where match.Success
        let before = match.Groups["before"] is { Success: true, Value: var old } ? old : null
        let after = match is { Groups: var groups } && groups["what"].Value == "Inst" && groups["after"].Success ? groups["after"].Value : null
        where before != after
        orderby match.Groups["name"].Value
        select new PackageChange(image, match.Groups["name"].Value, before, after);

    /// <summary>apt.conf(5): what APT_CONFIG names is read before the host's own parts, and points away from them.</summary>
    internal static IEnumerable<string> Configuration(string work, string statusFile, AptSources apt) =>
    [
        $"Dir::State \"{work}/state\";",
        $"Dir::State::status \"{statusFile}\";",
        $"Dir::Cache \"{work}/cache\";",
        $"Dir::Etc::sourcelist \"{work}/sources.list\";",
        $"Dir::Etc::sourceparts \"{work}/none\";",
        $"Dir::Etc::parts \"{work}/none\";",
        $"Dir::Etc::main \"{work}/none\";",
        $"Dir::Etc::preferences \"{work}/none\";",
        $"Dir::Etc::preferencesparts \"{work}/none\";",
        .. BaseTar.AptConf.Select(line => $"{line};"),
        .. apt.Options.Select(option => $"{option};"),
    ];

    /// <returns>The environment for apt.</returns>
    private Dictionary<string, string> Configure(string work, StackRecipe recipe, AptSources apt)
    {
        foreach (var folder in new[] { "state/lists/partial", "cache/archives/partial", "none" })
        {
            Directory.CreateDirectory(Path.Combine(work, folder));
        }

        var file = Path.Combine(work, $"{recipe.Id}.conf");
        Write(file, Configuration(work, status(recipe.Id), apt));
        Write(Path.Combine(work, "sources.list"), apt.Lines.Count > 0 ? apt.Lines : Usual(recipe));
        return new Dictionary<string, string> { ["APT_CONFIG"] = file, ["LC_ALL"] = "C.UTF-8" };
    }

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
