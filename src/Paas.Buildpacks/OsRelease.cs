using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>What an image's own /etc/os-release says of its distribution (os-release(5)), for images whose labels do not.</summary>
internal static class OsRelease
{
    /// <summary>In Debian and its like /etc/os-release is a link to the second; links are not followed here.</summary>
    private static readonly string[] Places = ["etc/os-release", "usr/lib/os-release"];

    /// <param name="pathOf">Path of a layer's snapshot; null when it is not unpacked.</param>
    /// <returns>Nulls where nothing is found.</returns>
    public static (string? Id, string? VersionId) Read(ImageConfig image, Func<DiffId, string?> pathOf)
    {
        foreach (var snapshot in image.RootFs.DiffIds.Reverse().Select(pathOf).OfType<string>())
        {
            var tree = new UntrustedTree(snapshot);
            if (Places.Select(place => TryRead(tree, place)).FirstOrDefault(text => text is not null) is { } found)
            {
                return Parse(found);
            }
        }

        return (null, null);
    }

    internal static (string? Id, string? VersionId) Parse(string text)
    {
        string? id = null, version = null;
        foreach (var line in text.Split('\n'))
        {
            if (line.Split('=', 2) is [var name, var value])
            {
                value = value.Trim().Trim('"', '\'');
                (id, version) = name.Trim() switch
                {
                    "ID" => (value, version),
                    "VERSION_ID" => (id, value),
                    _ => (id, version),
                };
            }
        }

        return (id is "" ? null : id, version is "" ? null : version);
    }

    private static string? TryRead(UntrustedTree tree, string path)
    {
        try
        {
            return tree.ReadText(path);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
