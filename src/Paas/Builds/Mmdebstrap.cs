using System.Globalization;
using Paas.Engine.Native.Disk;

namespace Paas.Builds;

/// <summary>Makes a Debian root file system as a tar, the same bytes for the same packages (mmdebstrap(1), SOURCE_DATE_EPOCH).</summary>
/// <remarks>Only its special hooks are used, which run no shell.</remarks>
internal static class Mmdebstrap
{
    /// <param name="debs">Holds archives/*.deb from the last run and gets this one's: a repeated run downloads nothing.</param>
    public static Task RunAsync(StackRecipe recipe, AptSources apt, string debs, string tar, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(debs, "archives"));
        var env = new Dictionary<string, string>
        {
            ["SOURCE_DATE_EPOCH"] = recipe.Created.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["LC_ALL"] = "C.UTF-8",
        };
        return HostProgram.OutputAsync("mmdebstrap", Arguments(recipe, apt, debs, tar), env, cancellationToken);
    }

    internal static IReadOnlyList<string> Arguments(StackRecipe recipe, AptSources apt, string debs, string tar)
    {
        var archives = Path.Combine(debs, "archives");
        return
        [
            "--mode=root",
            "--format=tar",
            $"--variant={recipe.Variant}",
            $"--components={string.Join(',', recipe.Components)}",
            $"--include={string.Join(',', recipe.Packages)}",
            .. AptOptions(apt).Select(option => $"--aptopt={option}"),
            .. PathOptions(recipe).Select(option => $"--dpkgopt={option}"),
            // A tar that a power cut spoils is made again: dpkg need not wait for the disk after each file.
            "--dpkgopt=force-unsafe-io",
            // Keep what was downloaded until the hook below has saved it, and keep essential packages' .debs as well.
            "--skip=download/empty",
            "--skip=essential/unlink",
            $"--setup-hook=sync-in {debs} /var/cache/apt",
            $"--customize-hook=sync-out /var/cache/apt/archives {archives}",
            recipe.Suite,
            tar,
            .. apt.Lines,
        ];
    }

    private static IEnumerable<string> AptOptions(AptSources apt) =>
        [.. BaseTar.AptConf, .. apt.Options];

    /// <summary>What dpkg leaves out, now and whenever a buildpack installs a package.</summary>
    internal static IEnumerable<string> PathOptions(StackRecipe recipe) =>
        [.. recipe.PathExcludes.Select(path => $"path-exclude={path}"), .. recipe.PathIncludes.Select(path => $"path-include={path}")];
}
