namespace Paas.Builds;

/// <summary>Where the platform's own buildpacks and the recipes of the base images lie.</summary>
internal static class BuildpacksFolder
{
    /// <summary>PAAS_BUILDPACKS, or buildpacks/ next to the binary.</summary>
    public static string Installed() =>
        Environment.GetEnvironmentVariable("PAAS_BUILDPACKS") is { Length: > 0 } set ? set : Path.Combine(AppContext.BaseDirectory, "buildpacks");
}
