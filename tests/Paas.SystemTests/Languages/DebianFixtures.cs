using Paas.Testing;

namespace Paas.Languages;

/// <summary>Packages of a language made from Debian's, for the apps of tests where the language's own package index cannot be reached.</summary>
internal static class DebianFixtures
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

    private static string Script(string name, [System.Runtime.CompilerServices.CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, name);
}
