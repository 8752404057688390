namespace Paas.Buildpacks.Sbom;

/// <summary>A bill of materials that a buildpack left beside its layers.</summary>
/// <param name="Buildpack">Who wrote it.</param>
/// <param name="Layer">What it is about; null: all that the buildpack did for launch, or for the build alone.</param>
/// <param name="Launch">It goes into the image; false: it is about the build only and stays outside.</param>
/// <param name="Cache">The layer is cached: so is this.</param>
public sealed record BuiltSbom(Buildpack Buildpack, string? Layer, SbomFormat Format, bool Launch, bool Cache)
{
    /// <summary>Relative to the layers directory, as the buildpack wrote it.</summary>
    internal string Path => $"{Buildpack.LayersName}/{Layer ?? (Launch ? "launch" : "build")}.{Format.FileName}";

    /// <summary>Below layers/sbom/launch, cache or build (CNB platform spec 0.15, "builder", "Outputs").</summary>
    internal string Name => Layer is null ? $"{Buildpack.LayersName}/{Format.FileName}" : $"{Buildpack.LayersName}/{Layer}/{Format.FileName}";
}
