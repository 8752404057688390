namespace Paas.Buildpacks.Sbom;

/// <summary>Finds the bills of materials that one buildpack left: &lt;layer&gt;.sbom.*.json, launch.sbom.*.json, build.sbom.*.json
/// (CNB buildpack spec 0.12, "Software-Bill-of-Materials").</summary>
internal static class SbomFiles
{
    private const string Middle = ".sbom.";
    private const string End = ".json";

    /// <param name="layers">The layers directory.</param>
    /// <param name="own">Layers of this buildpack; a bill about another one, or about one to be ignored, is none.</param>
    /// <exception cref="InvalidDataException">One is no plain file.</exception>
    /// <exception cref="FormatException">A format that is not known, or that buildpack.toml does not list: an error in the reference too.</exception>
    public static IReadOnlyList<BuiltSbom> Find(UntrustedTree layers, Buildpack buildpack, IReadOnlyList<BuiltLayer> own) =>
        [.. layers.FileNames(buildpack.LayersName).Select(file => Read(layers, file, buildpack, own)).OfType<BuiltSbom>()];

    private static BuiltSbom? Read(UntrustedTree layers, string file, Buildpack buildpack, IReadOnlyList<BuiltLayer> own)
    {
        var middle = file.LastIndexOf(Middle, StringComparison.Ordinal);
        if (middle <= 0 || !file.EndsWith(End, StringComparison.Ordinal) || file.Length <= middle + Middle.Length + End.Length)
        {
            return null;
        }

        var name = file[..middle];
        var layer = own.FirstOrDefault(candidate => candidate.Name == name);
        if (layer is null && name is not ("launch" or "build"))
        {
            return null;
        }

        var extension = file[(middle + Middle.Length)..^End.Length];
        if (!SbomFormats.TryParse(extension, out var format))
        {
            throw new FormatException($"{file}: '{extension}' is no format of a bill of materials that is known here (cdx, spdx, syft).");
        }

        if (!buildpack.SbomFormats.Contains(format.MediaType, StringComparer.OrdinalIgnoreCase))
        {
            throw new FormatException($"{file}: its format {format.MediaType} is not among the sbom-formats of buildpack.toml.");
        }

        // No link may lead what is copied from the machine into an image.
        layers.OpenFile($"{buildpack.LayersName}/{file}").Dispose();
        return layer is null
            ? new BuiltSbom(buildpack, null, format, Launch: name == "launch", Cache: false)
            : new BuiltSbom(buildpack, name, format, layer.Flags.Launch, layer.Flags.Cache);
    }
}
