using Dapper;
using Paas.Buildpacks;
using Paas.Oci;
using Paas.State;

namespace Paas.Builds;

/// <summary>Buildpacks that teams added: rows, and one folder for each set of files, named by its digest and never changed.</summary>
/// <remarks>The files are root's. Builds see them read-only; equal files of two teams are one folder.</remarks>
public sealed class AddedBuildpacks(Database database, PlatformHome home, TimeProvider time)
{
    /// <summary>A build that began before a removal may still read: no build lasts longer (the limit of an app's build timeout).</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromHours(2.5);

    private const string Columns = "name, version, digest, api, composite, description, homepage, source, pinned, actor, added_at";

    /// <summary>By name; of one name the newest last: by semantic version where all of them have one, else by when they were added.</summary>
    public IReadOnlyList<AddedBuildpack> OfTeam(long teamId)
    {
        using var connection = database.Open();
        return [.. connection.Query<Row>($"SELECT {Columns} FROM buildpacks WHERE team_id = @teamId ORDER BY added_at, id", new { teamId })
            .Select(row => row.ToBuildpack())
            .GroupBy(buildpack => buildpack.Name)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .SelectMany(InOrder)];
    }

    /// <summary>Keeps it; one of the same name and version gives way.</summary>
    public void Set(long teamId, AddedBuildpack buildpack, string actor)
    {
        using var connection = database.Open();
        connection.Execute(
            $"""
            INSERT INTO buildpacks(team_id, {Columns})
            VALUES (@teamId, @Name, @Version, @Digest, @Api, @Composite, @Description, @Homepage, @Source, @Pinned, @actor, @now)
            ON CONFLICT (team_id, name, version) DO UPDATE SET digest = excluded.digest, api = excluded.api, composite = excluded.composite, description = excluded.description,
              homepage = excluded.homepage, source = excluded.source, pinned = excluded.pinned, actor = excluded.actor, added_at = excluded.added_at
            """,
            new
            {
                teamId,
                buildpack.Name,
                buildpack.Version,
                buildpack.Digest,
                buildpack.Api,
                buildpack.Composite,
                buildpack.Description,
                buildpack.Homepage,
                buildpack.Source,
                buildpack.Pinned,
                actor,
                now = time.GetUtcNow(),
            });
    }

    /// <summary>Its files stay until no build can be reading them any more.</summary>
    public void Remove(long teamId, AddedBuildpack buildpack)
    {
        using var connection = database.Open();
        connection.Execute("DELETE FROM buildpacks WHERE team_id = @teamId AND name = @Name AND version = @Version", new { teamId, buildpack.Name, buildpack.Version });
        if (Directory.Exists(PathOf(buildpack.Digest)))
        {
            Directory.SetLastWriteTimeUtc(PathOf(buildpack.Digest), time.GetUtcNow().UtcDateTime);
        }
    }

    /// <param name="digest">64 hex characters.</param>
    public string PathOf(string digest) => Path.Combine(home.Buildpacks, digest);

    /// <summary>A new empty folder on the same disk; whoever asked removes it.</summary>
    public string MakeStaging()
    {
        var path = Path.Combine(home.Buildpacks, "tmp", Path.GetRandomFileName());
        Directory.CreateDirectory(home.Buildpacks, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute);
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Takes the files of a buildpack in: what is there already stays.</summary>
    /// <returns>Their digest.</returns>
    /// <exception cref="InvalidDataException">Something in it is refused; the message names it.</exception>
    public string Keep(UntrustedTree tree, string top, CancellationToken cancellationToken)
    {
        var staging = MakeStaging();
        try
        {
            var copy = Path.Combine(staging, "files");
            var digest = BuildpackTree.Copy(tree, top, copy, cancellationToken);
            if (Directory.Exists(PathOf(digest)))
            {
                Directory.SetLastWriteTimeUtc(PathOf(digest), time.GetUtcNow().UtcDateTime);
            }
            else
            {
                Directory.Move(copy, PathOf(digest));
            }

            return digest;
        }
        finally
        {
            TreeRemoval.Remove(staging);
        }
    }

    /// <summary>Files that no team names any more.</summary>
    internal IReadOnlyList<Leftover> Sweep(DateTimeOffset now, bool dryRun, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(home.Buildpacks))
        {
            return [];
        }

        using var connection = database.Open();
        var named = connection.Query<string>("SELECT digest FROM buildpacks").ToHashSet(StringComparer.Ordinal);
        var left = new List<Leftover>();
        var staged = Path.Combine(home.Buildpacks, "tmp");
        foreach (var folder in Directory.EnumerateDirectories(home.Buildpacks).Concat(Directory.Exists(staged) ? Directory.EnumerateDirectories(staged) : []))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (folder == staged || named.Contains(Path.GetFileName(folder)) || now - Directory.GetLastWriteTimeUtc(folder) < Settled)
            {
                continue;
            }

            left.Add(new Leftover("buildpack", Path.GetFileName(folder), TreeSize.Of(folder), "no team has it any more"));
            if (!dryRun)
            {
                TreeRemoval.Remove(folder);
            }
        }

        return left;
    }

    private static IEnumerable<AddedBuildpack> InOrder(IGrouping<string, AddedBuildpack> versions) =>
        versions.All(buildpack => SemanticVersion.TryParse(buildpack.Version, out _))
            ? versions.OrderBy(buildpack => SemanticVersion.TryParse(buildpack.Version, out var version) ? version : default)
            : versions;

    private sealed class Row
    {
        public string Name { get; init; } = "";

        public string Version { get; init; } = "";

        public string Digest { get; init; } = "";

        public string Api { get; init; } = "";

        public bool Composite { get; init; }

        public string? Description { get; init; }

        public string? Homepage { get; init; }

        public string Source { get; init; } = "";

        public string Pinned { get; init; } = "";

        public string Actor { get; init; } = "";

        public DateTimeOffset AddedAt { get; init; }

        public AddedBuildpack ToBuildpack() => new()
        {
            Name = Name,
            Version = Version,
            Digest = Digest,
            Api = Api,
            Composite = Composite,
            Description = Description,
            Homepage = Homepage,
            Source = Source,
            Pinned = Pinned,
            Actor = Actor,
            AddedAt = AddedAt,
        };
    }
}
