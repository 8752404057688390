using System.Globalization;
using Paas.Oci;
using Paas.State;

namespace Paas.Releases;

/// <summary>How many releases keep their image.</summary>
public sealed class ReleasesOptions
{
    /// <summary>So many of an app's releases that served can be rolled back to. PAAS_KEEP_RELEASES, which the operator of a small disk sets;
    /// default 20.</summary>
    public int Keep { get; init; } = int.TryParse(Environment.GetEnvironmentVariable("PAAS_KEEP_RELEASES"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : 20;

    /// <summary>Of the releases that never served, so many: to look at what was wrong. Default 3.</summary>
    public int KeepFailed { get; init; } = 3;
}

/// <summary>Gives up the images of old releases. The rows stay and say so; what is served, and every image that a kept release has too, stays.</summary>
public sealed class ReleaseRetention(Database database, CurrentRelease current, ReleasesOptions options, TimeProvider time)
{
    /// <summary>Marks what is too old.</summary>
    /// <param name="dryRun">Changes nothing and says what it would.</param>
    /// <returns>Every release of a living app that is given up, those of earlier times too: whoever follows may have been cut off.</returns>
    public IReadOnlyList<OldRelease> GiveUp(bool dryRun)
    {
        using var rows = database.Begin();
        var now = time.GetUtcNow();
        var releases = rows.All<OldRelease>(
            """
            SELECT app_id, number, image, good, archived_at IS NOT NULL AS archived FROM releases
            WHERE app_id IN (SELECT id FROM apps WHERE destroyed_at IS NULL) ORDER BY app_id, number DESC
            """);
        List<OldRelease> old = [.. releases.Where(release => release.Archived)];
        foreach (var app in releases.Where(release => !release.Archived).GroupBy(release => release.AppId))
        {
            var served = current(app.Key);
            var kept = app.Where(release => release.Good).Take(options.Keep)
                .Concat(app.Where(release => !release.Good).Take(options.KeepFailed))
                .Concat(app.Where(release => release.Number == served))
                .Select(release => release.Image)
                .ToHashSet(StringComparer.Ordinal);
            foreach (var release in app.Where(release => !kept.Contains(release.Image)))
            {
                rows.Execute("UPDATE releases SET archived_at = @now WHERE app_id = @AppId AND number = @Number", new { now, release.AppId, release.Number });
                old.Add(release);
            }
        }

        if (!dryRun)
        {
            rows.Commit();
        }

        return old;
    }

    /// <summary>What garbage collection has to keep for releases: the images of those that can be rolled back to, also of an app in the trash.
    /// The two newest that served stay unpacked, so that the usual rollback takes no longer than a restart.</summary>
    public IEnumerable<ContentRoot> Needs()
    {
        using var rows = database.Begin();
        var releases = rows.All<NeededRelease>(
            """
            SELECT coalesce(destroyed_apps.name, apps.name) AS app, app_id, number, image, good, apps.destroyed_at IS NOT NULL AS destroyed
            FROM releases JOIN apps ON apps.id = releases.app_id LEFT JOIN destroyed_apps USING (app_id)
            WHERE archived_at IS NULL ORDER BY app_id, number DESC
            """);
        return
        [
            .. from app in releases.GroupBy(release => release.AppId)
               let unpacked = app.Where(release => release.Good && !release.Destroyed).Take(2).Select(release => release.Image).ToHashSet(StringComparer.Ordinal)
               from release in app
               select new ContentRoot($"release {Release.TagOf(release.Number)} of {release.App}") { Image = Digest.Parse(release.Image), Unpacked = unpacked.Contains(release.Image) },
        ];
    }

    private sealed record NeededRelease
    {
        public string App { get; init; } = "";

        public long AppId { get; init; }

        public int Number { get; init; }

        public string Image { get; init; } = "";

        public bool Good { get; init; }

        public bool Destroyed { get; init; }
    }
}

/// <summary>A release whose image retention has given up.</summary>
public sealed record OldRelease
{
    public long AppId { get; init; }

    public int Number { get; init; }

    /// <summary>Digest of the manifest.</summary>
    public string Image { get; init; } = "";

    public bool Good { get; init; }

    /// <summary>Before now.</summary>
    public bool Archived { get; init; }

    public string Tag => Release.TagOf(Number);
}
