namespace Paas.Client;

// The built-in registry as people and scripts ask for it, /api/v1/registry; images themselves are pushed and pulled at /v2/.
// {name} may have slashes, as they are or as %2F: /registry/tags/team/app.

/// <summary>GET /registry/repositories (the team's, by name) and /registry/repositories/{name}; DELETE removes one with all that is in it.</summary>
/// <param name="Image">What a client pulls, without a tag: "registry.example.com/hello".</param>
/// <param name="App">The app whose repository it is; null: it stands alone.</param>
/// <param name="Public">Whoever asks may pull.</param>
/// <param name="Size">Bytes of all its blobs, each counted once.</param>
/// <param name="SharedSize">Bytes of <paramref name="Size"/> that other repositories of the team have too: on disk they are there once.</param>
/// <param name="PushedAt">The last push; null when it has no manifest.</param>
public sealed record RepositoryView(
    string Name,
    string Image,
    string? App,
    bool Public,
    int Tags,
    long Size,
    long SharedSize,
    DateTimeOffset? PushedAt,
    RetentionView Retention,
    DateTimeOffset CreatedAt)
{
    /// <summary>Bytes that its blobs may have in all; null: no limit of its own.</summary>
    public long? MaxBytes { get; init; }
}

/// <summary>Which tags a collection leaves; all null: every one. What a release needs stays whatever they say.</summary>
/// <param name="KeepLast">The newest by count.</param>
/// <param name="KeepDays">Those younger than days.</param>
/// <param name="KeepTags">Those like a pattern with '*' and '?', several with commas: "v*,stable".</param>
public sealed record RetentionView(int? KeepLast, int? KeepDays, string? KeepTags)
{
    public bool KeepsAll => this is { KeepLast: null, KeepDays: null, KeepTags: null };
}

/// <summary>PATCH /registry/repositories/{name}: null leaves a setting as it is; 0 and "" take one away.</summary>
public sealed record UpdateRepository
{
    public bool? Public { get; init; }

    /// <summary>0-10,000.</summary>
    public int? KeepLast { get; init; }

    /// <summary>0-3,650.</summary>
    public int? KeepDays { get; init; }

    public string? KeepTags { get; init; }

    /// <summary>Bytes.</summary>
    public long? MaxBytes { get; init; }
}

/// <summary>GET /registry/tags/{name}?limit=100: pushed last first.</summary>
/// <param name="Kind">image, index (one name for several platforms) or artifact.</param>
/// <param name="Size">Bytes that a pull of all of it takes, each blob counted once.</param>
/// <param name="Releases">Numbers of the app's releases that run it, newest first.</param>
/// <param name="Live">The app's current release is one of them.</param>
public sealed record TagView(string Name, string Digest, string Kind, long Size, DateTimeOffset PushedAt, IReadOnlyList<int> Releases, bool Live)
{
    /// <summary>Of an artifact; null for images.</summary>
    public string? ArtifactType { get; init; }
}

/// <summary>GET /registry/manifests/{name}?reference=v7 (a tag or a digest; raw=true adds the bytes as text);
/// DELETE of a tag takes the tag alone, of a digest the manifest with all its tags.</summary>
/// <param name="Kind">image, index or artifact.</param>
/// <param name="ManifestSize">Bytes of the manifest itself.</param>
/// <param name="Size">Bytes that a pull of all of it takes, each blob counted once.</param>
/// <param name="Image">What a client pulls: "registry.example.com/hello@sha256:...".</param>
/// <param name="Tags">All that point to it.</param>
/// <param name="Releases">Numbers of the app's releases that run it, newest first.</param>
/// <param name="Config">Null for an index.</param>
/// <param name="Layers">Bottom first; those of an artifact are its files. Empty for an index.</param>
/// <param name="Manifests">What an index names; empty for others.</param>
/// <param name="Referrers">What refers to it: signatures, SBOMs, attestations.</param>
public sealed record ManifestView(
    string Repository,
    string Image,
    string Digest,
    string MediaType,
    string Kind,
    string? ArtifactType,
    long ManifestSize,
    long Size,
    DateTimeOffset PushedAt,
    IReadOnlyList<string> Tags,
    IReadOnlyList<int> Releases,
    bool Live,
    ManifestConfigView? Config,
    IReadOnlyList<LayerView> Layers,
    IReadOnlyList<ChildManifestView> Manifests,
    IReadOnlyList<ReferrerView> Referrers,
    string? Subject,
    IReadOnlyDictionary<string, string> Annotations)
{
    /// <summary>The bytes as they were pushed, when they were asked for.</summary>
    public string? Raw { get; init; }
}

/// <summary>The config of an image or artifact; what only images have is null where it does not say.</summary>
/// <param name="Platform">"linux/amd64".</param>
/// <param name="Command">Entrypoint and Cmd together.</param>
/// <param name="Ports">"8080/tcp".</param>
public sealed record ManifestConfigView(
    string MediaType,
    string Digest,
    long Size,
    string? Platform,
    DateTimeOffset? CreatedAt,
    string? User,
    string? WorkingDir,
    IReadOnlyList<string> Command,
    IReadOnlyList<string> Ports);

/// <param name="DiffId">Of the uncompressed layer; null where the config does not say.</param>
/// <param name="MadeBy">The buildpack ("paas/nodejs 0.1.0"), "run image", or the app itself; null where the image does not tell.</param>
/// <param name="What">Name of the layer, or the instruction that made it; null where the image does not tell.</param>
public sealed record LayerView(string Digest, string MediaType, long Size, string? DiffId, string? MadeBy, string? What);

/// <param name="Platform">"linux/arm64/v8"; null where the index does not say.</param>
/// <param name="Present">False: it was not pushed.</param>
public sealed record ChildManifestView(string Digest, string MediaType, long ManifestSize, string? Platform, bool Present)
{
    /// <summary>Bytes of its blobs; null when it is not present.</summary>
    public long? Size { get; init; }
}

/// <param name="Kind">"signature", "SBOM", "attestation"; null: another.</param>
/// <param name="Size">Bytes of its blobs.</param>
/// <param name="Tag">Of one that refers by a tag of the form sha256-... as older clients write them; null for one with a subject.</param>
public sealed record ReferrerView(string Digest, string? ArtifactType, string? Kind, long Size, DateTimeOffset PushedAt, string? Tag);

/// <summary>GET /registry/usage.</summary>
/// <param name="Host">Where images are pushed to and pulled from, as docker wants it: "registry.example.com".</param>
/// <param name="Size">Bytes of all blobs in the team's repositories, each counted once.</param>
/// <param name="DiskFree">Bytes free on the disk that images lie on.</param>
/// <param name="DiskSize">Bytes of that disk.</param>
public sealed record RegistryUsageView(string Host, int Repositories, long Size, long DiskFree, long DiskSize)
{
    /// <summary>The team's apps that have images, the largest first.</summary>
    public IReadOnlyList<AppUsageView> Apps { get; init; } = [];
}

/// <summary>What an app's images take.</summary>
/// <param name="Size">Bytes of its images, each layer once.</param>
/// <param name="Shared">Those of them in layers that other repositories have too: they stay when the app goes.</param>
/// <param name="Unpacked">Bytes on the disk of its layers that lie unpacked: what instances and builds run from.</param>
public sealed record AppUsageView(string App, long Size, long Shared, long Unpacked);

/// <summary>POST /registry/collections (administrators only): removes what nothing needs, in the whole store.</summary>
/// <param name="DryRun">Only says what would go.</param>
public sealed record CollectRegistry(bool DryRun = false);

/// <summary>Answer to POST /registry/collections.</summary>
/// <param name="Outcome">done, time_limit (the next one goes on) or stopped (something could not be read, so nothing more was removed).</param>
/// <param name="Sentence">What it did, or would do; why it stopped when it did.</param>
/// <param name="Bytes">Freed on the disk.</param>
/// <param name="Sums">By kind.</param>
/// <param name="Held">What nothing needs, but what stays for a while, because a push may be about to name it.</param>
/// <param name="Items">The first 1,000.</param>
public sealed record CollectionView(
    bool DryRun,
    DateTimeOffset StartedAt,
    DateTimeOffset EndedAt,
    string Outcome,
    string Sentence,
    long Bytes,
    IReadOnlyList<CollectedSumView> Sums,
    HeldContentView Held,
    IReadOnlyList<CollectedItemView> Items);

/// <param name="Kind">tag, manifest, link (a repository's right to a blob), blob, snapshot (an unpacked layer), temporary or leftover.</param>
/// <param name="Bytes">Of the disk; 0 where only a name goes.</param>
public sealed record CollectedSumView(string Kind, int Count, long Bytes);

/// <param name="Until">When the last of it is free to go; null: nothing is held.</param>
public sealed record HeldContentView(int Count, long Bytes, DateTimeOffset? Until);

/// <param name="Repository">Null: of the whole store.</param>
/// <param name="Name">Tag, digest or file.</param>
/// <param name="Reason">For people.</param>
public sealed record CollectedItemView(string Kind, string? Repository, string Name, long Bytes, string Reason);

/// <summary>GET /registry/collections?limit=20 (administrators only): newest first; those that found nothing to do are not kept.</summary>
/// <param name="Cause">"schedule", or who asked for it.</param>
/// <param name="EndedAt">Null: it runs, or ended with a crash.</param>
/// <param name="Outcome">As in <see cref="CollectionView"/>; null while it runs.</param>
/// <param name="Count">Of things removed.</param>
public sealed record PastCollectionView(long Id, string Cause, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string? Outcome, string? Sentence, int Count, long Bytes);
