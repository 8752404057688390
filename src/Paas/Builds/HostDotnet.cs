namespace Paas.Builds;

/// <summary>The host's own .NET SDK, which builds of .NET apps see read-only: it is on no package registry, and the platform has one anyway.
/// Only folders of the system, never a user's ~/.dotnet: what another user of the host may write would otherwise run in every build.</summary>
internal static class HostDotnet
{
    /// <summary>Where builds see it (buildpacks/dotnet).</summary>
    public const string Inside = "/cnb/dotnet";

    /// <summary>Where distributions and Microsoft's packages put it (learn.microsoft.com/dotnet/core/install/linux).</summary>
    private static readonly string[] Usual = ["/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet", "/usr/local/share/dotnet", "/opt/dotnet"];

    /// <summary>Its folder; null when the host has none that can be trusted.</summary>
    public static string? Folder { get; } = Find(Usual);

    /// <param name="candidates">Folders, the first that will do wins.</param>
    internal static string? Find(IEnumerable<string> candidates) => candidates.FirstOrDefault(folder =>
        File.Exists(Path.Combine(folder, "dotnet")) && Directory.Exists(Path.Combine(folder, "sdk"))
        && (File.GetUnixFileMode(folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == 0);
}
