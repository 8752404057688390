using System.Text.RegularExpressions;
using Paas.Builds.Debian;
using Paas.Engine.Native.Disk;

namespace Paas.Builds;

/// <summary>What would be newer in base images made today: apt's own answer, from today's package lists and the images' dpkg status. It
/// takes seconds; making the images takes minutes.</summary>
/// <param name="status">dpkg's status file of an image: "run", "build".</param>
internal sealed partial class StackForecast(StackCache cache, StackRecipes recipes, Func<string, string> status)
{
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
                var env = AptFolder.Make(work.FullName, recipe, status(recipe.Id), AptSources.Read("/", dump, recipe.Suite, recipe.Components));
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
}
