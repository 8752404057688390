namespace Paas.Sboms;

/// <summary>One package inside an image.</summary>
/// <param name="Origin">Who says so: "run image", "image" (one that was not built here), or the buildpack's id.</param>
/// <param name="Source">The distribution's source package, where it has another name.</param>
/// <param name="Purl">Package URL (package-url/purl-spec); null when nobody knows it.</param>
public sealed record Package(string Name, string Version, string Origin, string? Source, string? Purl);
