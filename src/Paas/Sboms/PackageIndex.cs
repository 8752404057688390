using Paas.Oci;
using Paas.State;

namespace Paas.Sboms;

/// <summary>What is inside the images of releases, in the database: each image is read once, when it is first asked for. A list belongs to
/// its layer: a new run image adds its own list, not one for each app.</summary>
public sealed class PackageIndex(Database database, Images images, ImageContents contents)
{
    /// <summary>Reads the image unless it was read before.</summary>
    /// <returns>False: it is not whole any more.</returns>
    public async Task<bool> TryAddAsync(Digest image, CancellationToken cancellationToken)
    {
        if (Has(image))
        {
            return true;
        }

        try
        {
            Add(image, await contents.ReadAsync(await images.ReadAsync(image, cancellationToken), cancellationToken));
            return true;
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>By name; empty when it was not read.</summary>
    public IReadOnlyList<Package> Of(Digest image)
    {
        using var rows = database.Begin();
        return rows.All<Package>(
            """
            SELECT DISTINCT name, version, origin, source, purl FROM packages JOIN image_package_lists USING (list_id)
            WHERE image = @image ORDER BY name, version, origin
            """,
            new { image = image.ToString() });
    }

    /// <summary>Releases of the team's apps whose image has the package, or a package that was made of that source package.</summary>
    /// <param name="version">Null: any.</param>
    public IReadOnlyList<FoundPackage> Find(long teamId, string package, string? version)
    {
        using var rows = database.Begin();
        return rows.All<FoundPackage>(
            """
            SELECT DISTINCT apps.id AS app_id, apps.name AS app, releases.number, packages.name, packages.version, packages.origin
            FROM packages JOIN image_package_lists USING (list_id) JOIN releases USING (image) JOIN apps ON apps.id = releases.app_id
            WHERE apps.team_id = @teamId AND apps.destroyed_at IS NULL AND (packages.name = @package OR packages.source = @package)
              AND (@version IS NULL OR packages.version = @version)
            ORDER BY apps.name, releases.number DESC, packages.name, packages.version
            """,
            new { teamId, package, version });
    }

    /// <summary>Images of the team's releases, newest release first.</summary>
    public IReadOnlyList<ReleaseImage> Releases(long teamId)
    {
        using var rows = database.Begin();
        return rows.All<ReleaseImage>(
            """
            SELECT apps.name AS app, releases.number, releases.image, releases.archived_at IS NOT NULL AS archived,
              EXISTS (SELECT 1 FROM package_images WHERE package_images.image = releases.image) AS known
            FROM releases JOIN apps ON apps.id = releases.app_id WHERE apps.team_id = @teamId AND apps.destroyed_at IS NULL ORDER BY apps.name, releases.number DESC
            """,
            new { teamId });
    }

    private bool Has(Digest image)
    {
        using var rows = database.Begin();
        return rows.Scalar<long>("SELECT count(*) FROM package_images WHERE image = @image", new { image = image.ToString() }) > 0;
    }

    private void Add(Digest image, IReadOnlyList<PackageList> lists)
    {
        using var rows = database.Begin();
        rows.Execute("INSERT INTO package_images(image) VALUES (@image) ON CONFLICT DO NOTHING", new { image = image.ToString() });
        foreach (var list in lists)
        {
            var key = new { layer = list.Layer.ToString(), kind = list.Kind };
            var known = rows.Scalar<long?>("SELECT id FROM package_lists WHERE layer = @layer AND kind = @kind", key);
            var id = known ?? rows.Scalar<long>("INSERT INTO package_lists(layer, kind) VALUES (@layer, @kind) RETURNING id", key);
            if (known is null)
            {
                foreach (var package in list.Packages)
                {
                    rows.Execute(
                        "INSERT INTO packages(list_id, name, version, origin, source, purl) VALUES (@id, @Name, @Version, @Origin, @Source, @Purl)",
                        new { id, package.Name, package.Version, package.Origin, package.Source, package.Purl });
                }
            }

            rows.Execute("INSERT INTO image_package_lists(image, list_id) VALUES (@image, @id) ON CONFLICT DO NOTHING", new { image = image.ToString(), id });
        }

        // Images that no release has any more, and lists that no image has.
        rows.Execute("DELETE FROM package_images WHERE image <> @image AND image NOT IN (SELECT image FROM releases)", new { image = image.ToString() });
        rows.Execute("DELETE FROM package_lists WHERE id NOT IN (SELECT list_id FROM image_package_lists)");
        rows.Commit();
    }
}

/// <summary>A package in a release.</summary>
public sealed record FoundPackage
{
    public long AppId { get; init; }

    public string App { get; init; } = "";

    public int Number { get; init; }

    public string Name { get; init; } = "";

    public string Version { get; init; } = "";

    public string Origin { get; init; } = "";
}

/// <summary>A release's image.</summary>
public sealed record ReleaseImage
{
    public string App { get; init; } = "";

    public int Number { get; init; }

    /// <summary>Digest of the manifest.</summary>
    public string Image { get; init; } = "";

    /// <summary>Retention gave it up.</summary>
    public bool Archived { get; init; }

    /// <summary>It was read.</summary>
    public bool Known { get; init; }
}
