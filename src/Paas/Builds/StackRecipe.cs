using System.Security.Cryptography;
using System.Text.Json;

namespace Paas.Builds;

/// <summary>How one base image is made: buildpacks/base/&lt;id&gt;.json.</summary>
public sealed record StackRecipe
{
    /// <summary>"run" or "build".</summary>
    public required string Id { get; init; }

    public required string Description { get; init; }

    /// <summary>Debian's code name.</summary>
    public required string Suite { get; init; }

    /// <summary>Debian's number, for the label io.buildpacks.base.distro.version.</summary>
    public required string Version { get; init; }

    /// <summary>mmdebstrap's: essential (no apt inside) or minbase.</summary>
    public required string Variant { get; init; }

    public required IReadOnlyList<string> Components { get; init; }

    public required IReadOnlyList<string> Packages { get; init; }

    public required IReadOnlyList<string> PathExcludes { get; init; }

    public required IReadOnlyList<string> PathIncludes { get; init; }

    /// <summary>Uid that the image's processes run as; the group is always <see cref="BaseTar.Gid"/>.</summary>
    public required int User { get; init; }

    /// <summary>SOURCE_DATE_EPOCH: no file is younger.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <exception cref="InvalidDataException">The file is not a recipe.</exception>
    public static StackRecipe Read(string file)
    {
        using var stream = File.OpenRead(file);
        try
        {
            return JsonSerializer.Deserialize(stream, BuildsJson.Default.StackRecipe)
                ?? throw new InvalidDataException($"{file} is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file} is not a recipe of a base image: {e.Message}", e);
        }
    }
}

/// <summary>The recipes of both images, and the hash that names what they make.</summary>
public sealed record StackRecipes(StackRecipe Run, StackRecipe Build)
{
    /// <summary>Changes whenever what the platform adds to the packages changes (<see cref="BaseTar"/>, <see cref="StackImage"/>).</summary>
    private const string Format = "paas-stack-1";

    /// <summary>32 hex characters.</summary>
    public string Hash { get; } = Short(
        Format,
        JsonSerializer.Serialize(Run, BuildsJson.Default.StackRecipe),
        JsonSerializer.Serialize(Build, BuildsJson.Default.StackRecipe));

    /// <param name="buildpacks">The installation's folder of buildpacks.</param>
    public static StackRecipes Read(string buildpacks) => new(
        StackRecipe.Read(Path.Combine(buildpacks, "base", "run.json")),
        StackRecipe.Read(Path.Combine(buildpacks, "base", "build.json")));

    /// <summary>Of all parts, in order.</summary>
    internal static string Short(params IEnumerable<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(part));
            hash.AppendData([0]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }
}
