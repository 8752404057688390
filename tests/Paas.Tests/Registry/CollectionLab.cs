using System.Text;
using System.Text.Json;
using Dapper;
using Paas.Accounts;
using Paas.Apps;
using Paas.Oci;
using Paas.State;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>A registry without HTTP on a clock of its own, with the app "hello", whose repository is <see cref="Hello"/>.</summary>
internal sealed class CollectionLab : IDisposable
{
    private readonly TempHome _temp = new();
    private readonly ServiceProvider _services;

    public CollectionLab(CollectionOptions? options = null)
    {
        var cache = Path.Combine(_temp.Home.Root, "cache");
        _services = new ServiceCollection()
            .AddSingleton(_temp.Home).AddSingleton(_temp.Database).AddSingleton(_temp.Address).AddSingleton<TimeProvider>(Time).AddLogging()
            .AddSingleton(new BlobStore(_temp.Home.Blobs, cache)).AddSingleton(new Snapshots(_temp.Home.Snapshots, Path.Combine(cache, "snapshots")))
            .AddSingleton(options ?? new CollectionOptions())
            .AddSingleton<ContentRoots>(() => Needs)
            .AddSingleton<GiveUpReleases>(_ => GivenUp)
            .AddAccounts().AddApps().AddRegistry()
            .BuildServiceProvider();
        Cache = new BlobStore(cache);
        var team = Get<Tokens>().Authenticate(Get<Tokens>().Create(Get<AccountStore>().Bootstrap(null).Id, "test"))!.TeamId;
        AppId = Get<AppStore>().Create(team, AppName.Parse("hello")).Id;
        Hello = Store.Open(RepositoryKey.OfApp(team, AppId, ""));
        Base = Store.Open(RepositoryKey.Alone(team, RepositoryName.Parse("base/node")));
    }

    public ManualTime Time { get; } = new(TimeProvider.System.GetUtcNow());

    public List<ContentRoot> Needs { get; } = [];

    public List<GivenUpRelease> GivenUp { get; } = [];

    public long AppId { get; }

    public long Hello { get; }

    /// <summary>A repository that stands alone.</summary>
    public long Base { get; }

    /// <summary>The read-only root's own store.</summary>
    public BlobStore Cache { get; }

    public PlatformHome Home => _temp.Home;

    public Database Database => _temp.Database;

    public BlobStore Blobs => Get<BlobStore>();

    public Snapshots Snapshots => Get<Snapshots>();

    public Images Images => Get<Images>();

    public RegistryStore Store => Get<RegistryStore>();

    public CollectionJournal Journal => Get<CollectionJournal>();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task<CollectionReport> CollectAsync(bool dryRun = false, TimeSpan? limit = null) => Get<RegistryCollection>().RunAsync(dryRun, "test", limit, Cancelled);

    /// <summary>All that was there before is older than every grace time afterwards.</summary>
    public CollectionLab LaterBy(TimeSpan time)
    {
        Time.Advance(time);
        return this;
    }

    public async Task<Digest> BlobAsync(long repository, string content)
    {
        var blob = await Blobs.PutAsync(Encoding.UTF8.GetBytes(content), MediaTypes.LayerGzip, Cancelled);
        Store.LinkBlob(repository, blob.Digest, blob.Size);
        return blob.Digest;
    }

    /// <summary>Pushes an image whose layers are these texts.</summary>
    /// <param name="tag">Null: by digest.</param>
    public async Task<Digest> ImageAsync(long repository, string? tag, string[] layers, Digest? subject = null)
    {
        var diffIds = string.Join(',', layers.Select(layer => $"\"{Digest.Of(Encoding.UTF8.GetBytes(layer))}\""));
        var config = await BlobAsync(repository, $$$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[{{{diffIds}}}]}}""");
        var manifest = new Manifest
        {
            Config = Of(config, MediaTypes.Config),
            Layers = [.. await Task.WhenAll(layers.Select(async layer => Of(await BlobAsync(repository, layer), MediaTypes.LayerGzip)))],
            Subject = subject is { } about ? Of(about, MediaTypes.Manifest) : null,
        };
        return await PutAsync(repository, tag, JsonSerializer.SerializeToUtf8Bytes(manifest, OciJson.Canonical.Manifest), MediaTypes.Manifest);
    }

    public Task<Digest> IndexAsync(long repository, string? tag, params Digest[] children) => PutAsync(
        repository,
        tag,
        JsonSerializer.SerializeToUtf8Bytes(new ImageIndex { Manifests = [.. children.Select(child => Of(child, MediaTypes.Manifest) with { Platform = new Platform { Os = "linux", Architecture = Images.Architecture } })] }, OciJson.Canonical.ImageIndex),
        MediaTypes.Index);

    public bool HasManifest(long repository, Digest digest) => Store.Manifest(repository, RefTo(digest.ToString())) is not null;

    /// <param name="reference">Tag or digest.</param>
    public void Delete(long repository, string reference) => Assert.True(Store.Delete(repository, RefTo(reference)));

    public IReadOnlyList<string> Tags(long repository) => Store.Tags(repository, "", 1000);

    public void Rule(long repository, int? last = null, int? days = null, string? tags = null)
    {
        using var connection = Database.Open();
        connection.Execute("UPDATE repositories SET keep_last = @last, keep_days = @days, keep_tags = @tags WHERE id = @repository", new { repository, last, days, tags });
    }

    /// <summary>Of kind and count: "2 Blob, 1 Manifest".</summary>
    public static string Said(CollectionReport report) => string.Join(", ", report.Sums.Select(sum => $"{sum.Count} {sum.Kind}"));

    public long Count(string table)
    {
        using var connection = Database.Open();
        return connection.ExecuteScalar<long>($"SELECT count(*) FROM {table}");
    }

    public void Dispose()
    {
        _services.Dispose();
        _temp.Dispose();
    }

    private async Task<Digest> PutAsync(long repository, string? tag, byte[] content, string type)
    {
        var digest = (await Blobs.PutAsync(content, type, Cancelled)).Digest;
        Store.Put(repository, digest, content, ManifestDocument.Parse(content, type), tag is null ? [] : [Tag.Parse(tag)]);
        return digest;
    }

    private static Reference RefTo(string text) => Reference.TryParse(text, out var reference) ? reference : throw new FormatException(text);

    private Descriptor Of(Digest digest, string type) => new() { MediaType = type, Digest = digest, Size = Blobs.SizeOf(digest) ?? 2 };
}
