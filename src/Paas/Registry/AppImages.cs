using Dapper;
using Paas.Apps;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>The registry as deploys see it: what a team's repositories hold, and an app's own repository as the place of what it runs.</summary>
public sealed class AppImages(RegistryStore store, Database database, AppStore apps)
{
    /// <summary>What a name of this registry means to the team: an app's repository or one that stands alone; null: nothing was pushed to it.</summary>
    public TeamRepository? Find(long teamId, RepositoryName name)
    {
        var key = apps.Find(teamId, name.First) is { } app ? RepositoryKey.OfApp(teamId, app.Id, name.Rest) : RepositoryKey.Alone(teamId, name);
        return store.Find(key) is { } id ? new TeamRepository(id, name.ToString()) : null;
    }

    /// <summary>An app's own repository; null: nothing was pushed to it.</summary>
    public TeamRepository? Find(App app) => store.Find(RepositoryKey.OfApp(app.TeamId, app.Id, "")) is { } id ? new TeamRepository(id, app.Name) : null;

    /// <summary>A manifest with its bytes; null: the repository has none of this name.</summary>
    public RepositoryManifest? Manifest(TeamRepository repository, Reference reference) => store.Manifest(repository.Id, reference) is { } found
        ? new RepositoryManifest(Digest.Parse(found.Digest), found.MediaType, found.Content)
        : null;

    /// <summary>Whether the repository itself has the blob: the content store alone would give every team's.</summary>
    public bool HasBlob(TeamRepository repository, Digest digest) => store.HasBlob(repository.Id, digest);

    /// <summary>Whether any repository of the team has the blob: what it may use without fetching it.</summary>
    public bool TeamHasBlob(long teamId, Digest digest)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long>(
            "SELECT count(*) FROM repository_blobs JOIN repositories ON repositories.id = repository_id WHERE team_id = @teamId AND digest = @digest",
            new { teamId, digest = digest.ToString() }) > 0;
    }

    /// <summary>A blob that was fetched for the app is its own from now on.</summary>
    public void Link(App app, Descriptor blob) => store.LinkBlob(store.Open(RepositoryKey.OfApp(app.TeamId, app.Id, "")), blob.Digest, blob.Size);

    /// <summary>Puts a release's image into the app's repository under the release's tag, and lets "latest" be what the release was made of.</summary>
    /// <param name="top">An index that the repository has, or the image itself.</param>
    public void Release(App app, Image image, string tag, Digest top)
    {
        store.LinkImage(app.Id, image, tag);
        var own = store.Open(RepositoryKey.OfApp(app.TeamId, app.Id, ""));
        if (top != image.Digest && store.Manifest(own, Reference.Of(top)) is { } index)
        {
            store.Put(own, top, index.Content, ManifestDocument.Parse(index.Content, index.MediaType), [Tag.Parse("latest")]);
        }
    }
}

/// <summary>A repository that has been found to be the team's.</summary>
public sealed record TeamRepository
{
    internal TeamRepository(long id, string name) => (Id, Name) = (id, name);

    /// <summary>As people write it: for sentences.</summary>
    public string Name { get; }

    internal long Id { get; }
}

/// <summary>A manifest in one of this registry's repositories.</summary>
public sealed record RepositoryManifest(Digest Digest, string MediaType, byte[] Content);
