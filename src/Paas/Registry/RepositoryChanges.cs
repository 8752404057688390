using Dapper;
using Paas.Client;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>What people change about repositories from outside the registry's own protocol. What a release needs is never removed.</summary>
internal sealed class RepositoryChanges(Database database, RegistryStore store, Repositories repositories, RepositoryNews news, RegistryAudit audit)
{
    /// <exception cref="UserError">retention_invalid, limit_invalid.</exception>
    public void Update(OwnRepository repository, UpdateRepository update, string actor)
    {
        RepositoryRules.Check(update);
        using (var connection = database.Open())
        {
            connection.Execute(
                """
                UPDATE repositories SET public = coalesce(@Public, public),
                  keep_last = CASE WHEN @KeepLast IS NULL THEN keep_last ELSE nullif(@KeepLast, 0) END,
                  keep_days = CASE WHEN @KeepDays IS NULL THEN keep_days ELSE nullif(@KeepDays, 0) END,
                  keep_tags = CASE WHEN @KeepTags IS NULL THEN keep_tags ELSE nullif(@KeepTags, '') END,
                  max_bytes = CASE WHEN @MaxBytes IS NULL THEN max_bytes ELSE nullif(@MaxBytes, 0) END
                WHERE id = @Id
                """,
                new { repository.Id, update.Public, update.KeepLast, update.KeepDays, KeepTags = update.KeepTags?.Trim(), update.MaxBytes });
        }

        var text = update.Public is { } open && open != repository.Public
            ? open ? $"Made the repository {repository.Name} public: whoever asks may pull." : $"Made the repository {repository.Name} private."
            : $"Changed the settings of the repository {repository.Name}.";
        news.Tell(repository.TeamId, repository.Name);
        Note(repository, actor, update.Public is { } now && now != repository.Public ? "registry.visibility" : "registry.changed", text);
    }

    /// <exception cref="UserError">image_in_use.</exception>
    public void Delete(OwnRepository repository, string actor)
    {
        if (repository.AppId is not null)
        {
            RefuseNeeded(repository);
        }

        using (var connection = database.Open())
        {
            connection.Execute("DELETE FROM repositories WHERE id = @Id", new { repository.Id });
        }

        news.Tell(repository.TeamId, repository.Name);
        Note(repository, actor, "registry.deleted", $"Removed the repository {repository.Name} with all its images.");
    }

    /// <summary>A tag goes alone, a digest with all its tags.</summary>
    /// <exception cref="UserError">image_not_found, image_in_use, image_part_of_index.</exception>
    public void Delete(OwnRepository repository, Reference reference, string actor)
    {
        var manifest = store.Manifest(repository.Id, reference) ?? throw NotFound(repository, reference.ToString());
        if (reference.Tag is { } tag)
        {
            RefuseOwnTag(repository, tag);
        }
        else
        {
            RefuseNeeded(repository, manifest.Digest);
        }

        store.Delete(repository.Id, reference);
        var separator = reference.Digest is null ? ":" : "@";
        Note(repository, actor, "registry.deleted", $"Removed the image {repository.Name}{separator}{reference}.");
    }

    public static UserError NotFound(OwnRepository repository, string reference) =>
        new("image_not_found", 404, $"The repository {repository.Name} has no image '{Printable.Short(reference)}'. See its tags with: paas registry tags {repository.Name}");

    /// <summary>v7 of an app's own repository is the platform's, while it has the release v7.</summary>
    private void RefuseOwnTag(OwnRepository repository, Tag tag)
    {
        if (repository.App == repository.Name && repositories.ReleasesOf(repository).All.Any(release => tag.ToString() == $"v{release.Number}"))
        {
            throw InUse($"{tag} is the image of release {tag} of {repository.App}, which can be rolled back to: it stays.");
        }
    }

    private void RefuseNeeded(OwnRepository repository, string digest)
    {
        var reached = repositories.Reach(repository.Id, [digest])[digest];
        if (repositories.ReleasesOf(repository).Of(reached) is [var newest, ..])
        {
            throw InUse($"Release v{newest.Number} of {repository.App} runs this image: it stays. A tag alone can go: paas registry rm {repository.Name}:TAG");
        }

        using var connection = database.Open();
        if (connection.QueryFirstOrDefault<string>(
            "SELECT manifest FROM manifest_edges WHERE repository_id = @Id AND digest = @digest AND kind = 'manifest'", new { repository.Id, digest }) is { } index)
        {
            throw new UserError("image_part_of_index", 409, $"It is one platform's part of the image index {index[..Math.Min(index.Length, 19)]}: remove that one first.");
        }
    }

    private void RefuseNeeded(OwnRepository repository)
    {
        using var connection = database.Open();
        var manifests = connection.Query<string>("SELECT digest FROM manifests WHERE repository_id = @Id", new { repository.Id });
        if (repositories.ReleasesOf(repository).Of(manifests).Count > 0)
        {
            throw InUse($"The repository {repository.Name} has images of the releases of {repository.App}: it goes with the app. Single images go with: paas registry rm {repository.Name}:TAG");
        }
    }

    private static UserError InUse(string sentence) => new("image_in_use", 409, sentence);

    private void Note(OwnRepository repository, string actor, string action, string text) =>
        audit.Note(new RepositoryKey(repository.TeamId, repository.AppId, repository.Path), actor, action, text);
}

/// <summary>What a repository's settings may be.</summary>
internal static class RepositoryRules
{
    private const int MostTags = 10_000;
    private const int MostDays = 3_650;
    private const int LongestPattern = 500;

    /// <exception cref="UserError">retention_invalid, limit_invalid.</exception>
    public static void Check(UpdateRepository update)
    {
        if (update.KeepLast is < 0 or > MostTags)
        {
            throw new UserError("retention_invalid", 400, $"How many tags to keep is a number from 1 to {MostTags:n0}, or 0 for no such rule.");
        }

        if (update.KeepDays is < 0 or > MostDays)
        {
            throw new UserError("retention_invalid", 400, $"How many days to keep tags is a number from 1 to {MostDays:n0}, or 0 for no such rule.");
        }

        if (update.KeepTags is { } pattern && (pattern.Length > LongestPattern || pattern.Any(letter => !(char.IsAsciiLetterOrDigit(letter) || "._-*?, ".Contains(letter, StringComparison.Ordinal)))))
        {
            throw new UserError("retention_invalid", 400, "A pattern of tags to keep has letters, digits, '.', '_', '-', '*' and '?', several patterns commas between them: v*,stable");
        }

        if (update.MaxBytes is < 0)
        {
            throw new UserError("limit_invalid", 400, "A repository's limit is a number of bytes, or 0 for none.");
        }
    }
}
