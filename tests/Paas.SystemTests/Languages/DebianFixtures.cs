using System.Text.RegularExpressions;
using Paas.Testing;

namespace Paas.Languages;

/// <summary>Packages of a language made from Debian's, for the apps of tests where the language's own package index cannot be reached.</summary>
internal static partial class DebianFixtures
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Unpacks Debian packages side by side, each in a folder of its name.</summary>
    public static async Task<string> UnpackAsync(params string[] packages)
    {
        var folder = Directory.CreateTempSubdirectory("paas-debian-").FullName;
        var ended = await Command.RunAsync("bash", [Script("debian.sh"), folder, .. packages], Cancelled);
        Assert.SkipWhen(ended.Code != 0, $"Debian's packages {string.Join(' ', packages)} cannot be had: {ended.All}");
        return folder;
    }

    /// <summary>Puts Python packages as wheels into a folder.</summary>
    public static async Task WheelsAsync(string wheels, params string[] packages)
    {
        var folder = await UnpackAsync(packages);
        (await Command.RunAsync("python3", [Script("wheels.py"), folder, wheels], Cancelled)).Succeeded();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Puts Ruby gems into a folder.</summary>
    public static async Task GemsAsync(string gems, params string[] packages)
    {
        var folder = await UnpackAsync(packages);
        (await Command.RunAsync("python3", [Script("gems.py"), folder, gems], Cancelled)).Succeeded();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Puts the crates that a Cargo.lock names into a folder, as 'cargo vendor' would.</summary>
    public static async Task CratesAsync(string vendor, string lockFile)
    {
        var crates = (await File.ReadAllTextAsync(lockFile, Cancelled)).Split("[[package]]").Where(crate => crate.Contains("\nsource = ", StringComparison.Ordinal)).Select(crate => Crate.Match(crate).Groups).ToList();
        var folder = await UnpackAsync([.. crates.Select(crate => $"librust-{crate[1].Value.Replace('_', '-')}-dev")]);
        Directory.CreateDirectory(vendor);
        foreach (var crate in Directory.EnumerateDirectories(folder).SelectMany(package => Directory.EnumerateDirectories(Path.Combine(package, "usr/share/cargo/registry"))))
        {
            var target = Path.Combine(vendor, Path.GetFileName(crate));
            Directory.Move(crate, target);
            // Debian's says that it knows no checksum, in words that cargo takes for one.
            await File.WriteAllTextAsync(Path.Combine(target, ".cargo-checksum.json"), """{"files":{}}""", Cancelled);
        }

        Directory.Delete(folder, recursive: true);
    }

    [GeneratedRegex("""name = "([^"]+)"\n""")]
    private static partial Regex Crate { get; }

    private static string Script(string name, [System.Runtime.CompilerServices.CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, name);
}
