using System.Globalization;
using System.Text;
using System.Text.Json;
using Dapper;
using Paas.Client;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>One manifest as people look at it: what it is made of, what made it, and what refers to it.</summary>
internal sealed class ManifestDetails(Database database, RegistryStore store, Repositories repositories, BlobStore blobs)
{
    /// <summary>Bytes; a config that is larger is no image's.</summary>
    private const long MaxConfig = 4 << 20;

    private static readonly string[] PlatformMembers = ["os", "architecture", "variant"];

    /// <exception cref="UserError">image_not_found.</exception>
    public async Task<ManifestView> ReadAsync(OwnRepository repository, Reference reference, bool raw, CancellationToken cancellationToken)
    {
        var manifest = store.Manifest(repository.Id, reference) ?? throw RepositoryChanges.NotFound(repository, reference.ToString());
        using var document = Parse(manifest.Content);
        var root = document?.RootElement ?? default;
        var (kind, artifact) = ManifestKind.Of(manifest.MediaType, manifest.ArtifactType);
        using var config = kind == ManifestKind.Image ? await ConfigAsync(repository, Json.Of(root, "config"), cancellationToken) : null;
        var (pushed, tags) = Surroundings(repository.Id, manifest.Digest);
        var running = repositories.ReleasesOf(repository).Of(repositories.Reach(repository.Id, [manifest.Digest])[manifest.Digest]);
        return new ManifestView(
            repository.Name,
            $"{repositories.ImageOf(repository)}@{manifest.Digest}",
            manifest.Digest,
            manifest.MediaType,
            kind,
            artifact,
            manifest.Content.Length,
            repositories.Sizes(repository.Id, [manifest.Digest]).GetValueOrDefault(manifest.Digest),
            pushed,
            tags,
            [.. running.Select(release => release.Number)],
            running.Any(release => release.Live),
            kind == ManifestKind.Index ? null : ConfigView(Json.Of(root, "config"), config?.RootElement ?? default),
            Layers(Json.Of(root, kind == ManifestKind.Artifact && Json.Of(root, "layers").ValueKind == JsonValueKind.Undefined ? "blobs" : "layers"), config?.RootElement ?? default),
            Children(repository.Id, Json.Of(root, "manifests")),
            Referrers(repository.Id, manifest.Digest),
            Json.Text(Json.Of(Json.Of(root, "subject"), "digest")),
            Json.Members(Json.Of(root, "annotations")).Where(item => item.Value.ValueKind == JsonValueKind.String).ToDictionary(item => item.Name, item => item.Value.GetString()!, StringComparer.Ordinal))
        { Raw = raw ? Encoding.UTF8.GetString(manifest.Content) : null };
    }

    private static JsonDocument? Parse(byte[] content)
    {
        try
        {
            return JsonDocument.Parse(content);
        }
        catch (JsonException)
        {
            // A media type that we do not know may be anything.
            return null;
        }
    }

    /// <summary>Only through the repository's own link: the content store knows no rights. Null when it is not there.</summary>
    private async Task<JsonDocument?> ConfigAsync(OwnRepository repository, JsonElement descriptor, CancellationToken cancellationToken) =>
        Digest.TryParse(Json.Text(Json.Of(descriptor, "digest")), out var digest) && store.HasBlob(repository.Id, digest) && blobs.SizeOf(digest) is <= MaxConfig
            ? Parse(await blobs.ReadAsync(digest, cancellationToken))
            : null;

    private (DateTimeOffset PushedAt, IReadOnlyList<string> Tags) Surroundings(long repository, string digest)
    {
        using var connection = database.Open();
        return (
            connection.QuerySingle<DateTimeOffset>("SELECT pushed_at FROM manifests WHERE repository_id = @repository AND digest = @digest", new { repository, digest }),
            connection.Query<string>("SELECT name FROM tags WHERE repository_id = @repository AND digest = @digest ORDER BY name", new { repository, digest }).AsList());
    }

    private static ManifestConfigView ConfigView(JsonElement descriptor, JsonElement config)
    {
        var run = Json.Of(config, "config");
        return new ManifestConfigView(
            Json.Text(Json.Of(descriptor, "mediaType")) ?? "",
            Json.Text(Json.Of(descriptor, "digest")) ?? "",
            Json.Number(Json.Of(descriptor, "size")),
            Platform(config),
            DateTimeOffset.TryParse(Json.Text(Json.Of(config, "created")), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created) ? created : null,
            Json.Text(Json.Of(run, "User")) is { Length: > 0 } user ? user : null,
            Json.Text(Json.Of(run, "WorkingDir")) is { Length: > 0 } folder ? folder : null,
            [.. Json.Texts(Json.Of(run, "Entrypoint")), .. Json.Texts(Json.Of(run, "Cmd"))],
            [.. Json.Members(Json.Of(run, "ExposedPorts")).Select(port => port.Name)]);
    }

    private static IReadOnlyList<LayerView> Layers(JsonElement layers, JsonElement config)
    {
        var origins = new LayerOrigins(config);
        return [.. Json.Items(layers).Select((layer, number) =>
        {
            var (madeBy, what) = origins.Of(number);
            return new LayerView(
                Json.Text(Json.Of(layer, "digest")) ?? "",
                Json.Text(Json.Of(layer, "mediaType")) ?? "",
                Json.Number(Json.Of(layer, "size")),
                number < origins.DiffIds.Count && origins.DiffIds[number].Length > 0 ? origins.DiffIds[number] : null,
                madeBy,
                what ?? Json.Text(Json.Of(Json.Of(layer, "annotations"), "org.opencontainers.image.title")));
        })];
    }

    private IReadOnlyList<ChildManifestView> Children(long repository, JsonElement manifests)
    {
        var children = Json.Items(manifests).Select(child => (Entry: child, Digest: Json.Text(Json.Of(child, "digest")) ?? "")).ToList();
        if (children.Count == 0)
        {
            return [];
        }

        using var connection = database.Open();
        var present = connection.Query<string>("SELECT digest FROM manifests WHERE repository_id = @repository", new { repository }).ToHashSet(StringComparer.Ordinal);
        var sizes = repositories.Sizes(repository, children.Select(child => child.Digest));
        return [.. children.Select(child => new ChildManifestView(
            child.Digest, Json.Text(Json.Of(child.Entry, "mediaType")) ?? "", Json.Number(Json.Of(child.Entry, "size")), Platform(Json.Of(child.Entry, "platform")), present.Contains(child.Digest))
        { Size = present.Contains(child.Digest) ? sizes.GetValueOrDefault(child.Digest) : null })];
    }

    /// <summary>Those with a subject, and those of older clients that name the digest in their tag.</summary>
    private IReadOnlyList<ReferrerView> Referrers(long repository, string digest)
    {
        using var connection = database.Open();
        var rows = connection.Query<(string Digest, string MediaType, string? ArtifactType, DateTimeOffset PushedAt, string? Tag)>(
            """
            SELECT digest, media_type, artifact_type, pushed_at, NULL FROM manifests WHERE repository_id = @repository AND subject = @digest
            UNION ALL
            SELECT manifests.digest, media_type, artifact_type, pushed_at, name FROM tags JOIN manifests USING (repository_id, digest)
            WHERE repository_id = @repository AND name IN (@fallback || '.sig', @fallback || '.sbom', @fallback || '.att')
            ORDER BY 4, 1
            """,
            new { repository, digest, fallback = digest.Replace(':', '-') }).AsList();
        var sizes = rows.Count == 0 ? [] : repositories.Sizes(repository, rows.Select(row => row.Digest));
        return [.. rows.Select(row =>
        {
            var artifact = ManifestKind.Of(row.MediaType, row.ArtifactType).ArtifactType;
            return new ReferrerView(row.Digest, artifact, ManifestKind.WordOf(artifact) ?? (row.Tag is { } tag ? ManifestKind.WordOfTag(tag) : null), sizes.GetValueOrDefault(row.Digest), row.PushedAt, row.Tag);
        })];
    }

    /// <summary>"linux/arm64/v8"; null where it is not said.</summary>
    private static string? Platform(JsonElement element) =>
        string.Join('/', PlatformMembers.Select(name => Json.Text(Json.Of(element, name))).Where(text => !string.IsNullOrEmpty(text))) is { Length: > 0 } platform ? platform : null;
}
