namespace Paas.Buildpacks.Sbom;

/// <summary>Formats of a bill of materials that buildpacks may write (CNB buildpack spec 0.12, "Software-Bill-of-Materials").</summary>
public enum SbomFormat
{
    CycloneDx,
    Spdx,
    Syft,
}

/// <summary>How a format is written in file names and in buildpack.toml.</summary>
public static class SbomFormats
{
    private static readonly (SbomFormat Format, string Extension, string MediaType)[] Known =
    [
        (SbomFormat.CycloneDx, "cdx", "application/vnd.cyclonedx+json"),
        (SbomFormat.Spdx, "spdx", "application/spdx+json"),
        (SbomFormat.Syft, "syft", "application/vnd.syft+json"),
    ];

    extension(SbomFormat format)
    {
        /// <summary>Name of the file in layers/sbom/...: "sbom.cdx.json".</summary>
        public string FileName => $"sbom.{Known[(int)format].Extension}.json";

        public string MediaType => Known[(int)format].MediaType;
    }

    /// <summary>File names of the formats that a buildpack lists.</summary>
    internal static HashSet<string> FileNamesOf(Buildpack buildpack) =>
        [.. Enum.GetValues<SbomFormat>().Where(format => buildpack.SbomFormats.Contains(format.MediaType, StringComparer.OrdinalIgnoreCase)).Select(format => format.FileName)];

    /// <param name="extension">What stands between ".sbom." and ".json".</param>
    public static bool TryParse(string extension, out SbomFormat format)
    {
        var index = Array.FindIndex(Known, known => known.Extension == extension);
        format = (SbomFormat)Math.Max(0, index);
        return index >= 0;
    }
}
