using System.Net;
using System.Text;
using Dapper;
using Paas.Oci;
using Paas.State;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>The registry as a cache of another one, which runs in this process and counts what it is asked.</summary>
public sealed class UpstreamTests : IAsyncLifetime
{
    private const string Config = """{"architecture":"amd64","os":"linux"}""";

    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private TestUpstream _upstream = null!;
    private TestRegistry _registry = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _upstream = await TestUpstream.StartAsync();
        var url = new Uri($"http://{_upstream.Host}");
        _registry = await TestRegistry.StartAsync(services => services
            .AddSingleton<TimeProvider>(_time)
            .AddSingleton(new UpstreamOptions { Upstreams = [new Upstream("up.test", url, null, TimeSpan.FromMinutes(10)), new Upstream("other.test", url, null, TimeSpan.Zero)] })
            .AddSingleton(new RegistryClient(RegistryHttp.Create(null), TimeProvider.System) { FirstPause = TimeSpan.FromMilliseconds(1), Patience = TimeSpan.FromSeconds(20) }));
    }

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task An_image_is_fetched_once_and_served_when_its_registry_is_gone()
    {
        var layer = Bytes(300_000);
        var image = Image("library/node", "20", layer);
        for (var round = 0; round < 2; round++)
        {
            using var manifest = await Get("up.test/library/node/manifests/20");
            Assert.Equal(image.Digest.ToString(), manifest.Headers.GetValues("Docker-Content-Digest").Single());
            Assert.Equal(MediaTypes.Manifest, manifest.Content.Headers.ContentType?.MediaType);
            Assert.Equal(layer, await Body($"up.test/library/node/blobs/{Digest.Of(layer)}"));
            Assert.Equal(Config, Encoding.UTF8.GetString(await Body($"up.test/library/node/blobs/{Digest.Of(Encoding.UTF8.GetBytes(Config))}")));
        }

        Assert.Equal(3, _upstream.Requests.Count);
        await _upstream.DisposeAsync();
        Assert.Equal(layer, await Body($"up.test/library/node/blobs/{Digest.Of(layer)}"));
        using var byDigest = await Get($"up.test/library/node/manifests/{image.Digest}");
        Assert.False(byDigest.Headers.Contains("Warning"));
        _time.Advance(TimeSpan.FromMinutes(11));
        using var stale = await Get("up.test/library/node/manifests/20");
        Assert.Contains("Response is Stale", stale.Headers.GetValues("Warning").First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Thirty_two_clients_at_once_are_one_request_there()
    {
        var layer = Bytes(3_000_000);
        Image("app", "1", layer);
        var release = new TaskCompletionSource();
        _upstream.Before = async context =>
        {
            await release.Task;
            return false;
        };
        var manifests = Enumerable.Range(0, 32).Select(_ => Get("up.test/app/manifests/1")).ToList();
        await Task.Delay(200, Cancellation);
        release.SetResult();
        foreach (var response in await Task.WhenAll(manifests))
        {
            response.Dispose();
        }

        var bodies = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Body($"up.test/app/blobs/{Digest.Of(layer)}")));
        Assert.All(bodies, body => Assert.True(layer.AsSpan().SequenceEqual(body)));
        Assert.Equal(["/v2/app/manifests/1", $"/v2/app/blobs/{Digest.Of(layer)}"], _upstream.Requests.Select(request => request.Path));
    }

    [Fact]
    public async Task A_blob_is_read_while_it_arrives_also_a_part_of_it()
    {
        var layer = Bytes(4 << 20);
        Image("app", "1", layer);
        using var pulled = await Get("up.test/app/manifests/1");
        var (half, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        _upstream.Before = async context =>
        {
            context.Response.ContentLength = layer.Length;
            await context.Response.Body.WriteAsync(layer.AsMemory(0, 2 << 20), Cancellation);
            await context.Response.Body.FlushAsync(Cancellation);
            half.SetResult();
            await release.Task;
            await context.Response.Body.WriteAsync(layer.AsMemory(2 << 20), Cancellation);
            return true;
        };
        var path = $"/v2/up.test/app/blobs/{Digest.Of(layer)}";
        using var first = await _registry.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using var body = await first.Content.ReadAsStreamAsync(Cancellation);
        var begin = new byte[1 << 20];
        await body.ReadExactlyAsync(begin, Cancellation);
        Assert.True(layer.AsSpan(0, 1 << 20).SequenceEqual(begin));
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Range = new(3 << 20, null);
        using var second = await _registry.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(HttpStatusCode.PartialContent, second.StatusCode);
        release.SetResult();
        var end = new MemoryStream();
        await body.CopyToAsync(end, Cancellation);
        Assert.True(layer.AsSpan(1 << 20).SequenceEqual(end.ToArray()));
        Assert.Equal(layer[(3 << 20)..], await second.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task A_tag_is_asked_for_again_by_HEAD_and_moves_with_its_registry()
    {
        var old = Image("app", "1", Bytes(10));
        using var first = await Get("up.test/app/manifests/1");
        using var second = await Get("up.test/app/manifests/1");
        Assert.Single(_upstream.Requests);
        _time.Advance(TimeSpan.FromMinutes(11));
        using var same = await Get("up.test/app/manifests/1");
        Assert.Equal(["GET", "HEAD"], _upstream.Requests.Select(request => request.Method));
        var moved = Image("app", "1", Bytes(20));
        _time.Advance(TimeSpan.FromMinutes(11));
        using var other = await Get("up.test/app/manifests/1");
        Assert.Equal(moved.Digest.ToString(), other.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.NotEqual(old.Digest, moved.Digest);
        _upstream.Documents.Remove("app/manifests/1", out _);
        _time.Advance(TimeSpan.FromMinutes(11));
        using var gone = await Get("up.test/app/manifests/1", HttpStatusCode.NotFound);
        Assert.Equal("404 MANIFEST_UNKNOWN", await gone.Error());
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task What_is_here_is_served_while_its_registry_says(int status)
    {
        var image = Image("app", "1", Bytes(10));
        using var first = await Get("up.test/app/manifests/1");
        _time.Advance(TimeSpan.FromMinutes(11));
        _upstream.Before = context =>
        {
            context.Response.StatusCode = status;
            return Task.FromResult(true);
        };
        for (var round = 0; round < 3; round++)
        {
            using var stale = await Get("up.test/app/manifests/1");
            Assert.Equal(image.Digest.ToString(), stale.Headers.GetValues("Docker-Content-Digest").Single());
            Assert.True(stale.Headers.Contains("Warning"));
        }

        // Not each pull asks again what just failed.
        var asked = _upstream.Requests.Count;
        Assert.InRange(asked, 2, 4);
        using var unknown = await _registry.Client.GetAsync("/v2/up.test/app/manifests/2", Cancellation);
        Assert.Equal(status == 429 ? "429 TOOMANYREQUESTS" : "503 UNAVAILABLE", await unknown.Error());
        _upstream.Before = _ => Task.FromResult(false);
        _time.Advance(TimeSpan.FromMinutes(2));
        using var fresh = await Get("up.test/app/manifests/1");
        Assert.False(fresh.Headers.Contains("Warning"));
    }

    [Fact]
    public async Task Bytes_that_are_not_what_was_promised_are_not_kept()
    {
        var layer = Bytes(2_000_000);
        Image("app", "1", layer);
        using var pulled = await Get("up.test/app/manifests/1");
        _upstream.Documents[$"app/blobs/{Digest.Of(layer)}"] = (MediaTypes.LayerGzip, Bytes(2_000_000, seed: 2));
        var path = $"/v2/up.test/app/blobs/{Digest.Of(layer)}";
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var response = await _registry.Client.GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(layer, await response.Content.ReadAsByteArrayAsync(Cancellation));
        });
        Assert.False(_registry.Blobs.Contains(Digest.Of(layer)));
        _upstream.Blob("app", layer);
        Assert.Equal(layer, await Body($"up.test/app/blobs/{Digest.Of(layer)}"));
    }

    [Fact]
    public async Task A_manifest_from_elsewhere_gives_nobody_what_the_store_has_for_others()
    {
        var secret = Bytes(1000);
        await _registry.Push("hello", secret);
        var image = Image("evil", "1", secret);
        _upstream.Documents.Remove($"evil/blobs/{Digest.Of(secret)}", out _);
        using var other = _registry.ClientOf(_registry.OtherToken);
        using var manifest = await other.GetAsync("/v2/up.test/evil/manifests/1", Cancellation);
        Assert.Equal(image.Digest.ToString(), manifest.Headers.GetValues("Docker-Content-Digest").Single());
        using var blob = await other.GetAsync($"/v2/up.test/evil/blobs/{Digest.Of(secret)}", Cancellation);
        Assert.Equal("404 BLOB_UNKNOWN", await blob.Error());
        using var mounted = await other.PostAsync($"/v2/theirs/blobs/uploads/?from=up.test/evil&mount={Digest.Of(secret)}", null, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, mounted.StatusCode);
    }

    [Fact]
    public async Task A_layer_that_two_images_share_is_fetched_once()
    {
        var layer = Bytes(5000);
        Image("one", "1", layer);
        Image("two", "1", layer);
        foreach (var name in new[] { "one", "two" })
        {
            using var manifest = await Get($"up.test/{name}/manifests/1");
            Assert.Equal(layer, await Body($"up.test/{name}/blobs/{Digest.Of(layer)}"));
        }

        Assert.Single(_upstream.Requests, request => request.Path.Contains("/blobs/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_is_for_signed_in_users_and_robots_whose_pattern_says_so_and_nobody_pushes_to_it()
    {
        Image("app", "1", Bytes(10));
        using var other = _registry.ClientOf(_registry.OtherToken);
        using var pulled = await other.GetAsync("/v2/up.test/app/manifests/1", Cancellation);
        Assert.Equal(HttpStatusCode.OK, pulled.StatusCode);
        using var pushed = await _registry.Client.PostAsync("/v2/up.test/app/blobs/uploads/", null, Cancellation);
        Assert.Equal("403 DENIED", await pushed.Error());
        Assert.Equal("'up.test/app' is a copy of what up.test has: push to up.test itself, or here under a name of your own.", await pushed.Sentence());
        using var deleted = await other.DeleteAsync("/v2/up.test/app/manifests/1", Cancellation);
        Assert.Equal("403 DENIED", await deleted.Error());
        using var robot = _registry.RobotOf("up.test/*", "*");
        using var byRobot = await robot.GetAsync("/v2/up.test/app/manifests/1", Cancellation);
        Assert.Equal(HttpStatusCode.OK, byRobot.StatusCode);
        using var stranger = _registry.RobotOf("hello", "*");
        using var refused = await stranger.GetAsync("/v2/up.test/app/manifests/1", Cancellation);
        Assert.Equal("404 NAME_UNKNOWN", await refused.Error());
        using var nobody = new HttpClient { BaseAddress = _registry.Url };
        using var anonymous = await nobody.GetAsync("/v2/up.test/app/manifests/1", Cancellation);
        Assert.Equal("401 UNAUTHORIZED", await anonymous.Error());
        using var cleared = await _registry.Client.DeleteAsync("/v2/up.test/app/manifests/1", Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, cleared.StatusCode);
    }

    [Fact]
    public async Task A_mirror_of_containerd_says_whose_image_it_means()
    {
        var image = Image("library/node", "20", Bytes(10));
        using var pulled = await Get("library/node/manifests/20?ns=up.test");
        Assert.Equal(image.Digest.ToString(), pulled.Headers.GetValues("Docker-Content-Digest").Single());
        using var nobody = new HttpClient { BaseAddress = _registry.Url };
        using var asked = await nobody.GetAsync("/v2/library/node/manifests/20?ns=up.test", Cancellation);
        Assert.EndsWith(",scope=\"repository:up.test/library/node:pull\"", asked.Headers.GetValues("WWW-Authenticate").Single(), StringComparison.Ordinal);

        // Never our own image of that name in place of theirs.
        await _registry.PutManifest("library/node", "20", await _registry.Manifest("library/node"));
        using var unknown = await Get("library/node/manifests/20?ns=elsewhere.test", HttpStatusCode.NotFound);
        Assert.Equal("404 NAME_UNKNOWN", await unknown.Error());
        using var own = await Get($"library/node/manifests/20?ns={_registry.Url.Authority}");
        Assert.NotEqual(image.Digest.ToString(), own.Headers.GetValues("Docker-Content-Digest").Single());
    }

    [Fact]
    public async Task What_its_registry_does_not_have_leaves_nothing_here()
    {
        using var unknown = await Get("up.test/none/manifests/1", HttpStatusCode.NotFound);
        Assert.Equal("404 MANIFEST_UNKNOWN", await unknown.Error());
        using var blob = await Get($"up.test/none/blobs/{Digest.Of([1])}", HttpStatusCode.NotFound);
        Assert.Equal("404 NAME_UNKNOWN", await blob.Error());
        Assert.Equal(0, Count("SELECT count(*) FROM repositories"));
    }

    [Fact]
    public async Task Referrers_are_passed_on()
    {
        var image = Image("app", "1", Bytes(10));
        var list = """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"""u8.ToArray();
        _upstream.Before = async context =>
        {
            if (context.Request.Path != $"/v2/app/referrers/{image.Digest}")
            {
                return false;
            }

            context.Response.ContentType = MediaTypes.Index;
            await context.Response.Body.WriteAsync(list, Cancellation);
            return true;
        };
        Assert.Equal(list, await Body($"up.test/app/referrers/{image.Digest}?artifactType=a/b"));
    }

    [Fact]
    public async Task What_nobody_pulls_for_a_month_goes_and_what_is_pulled_stays()
    {
        var (idle, used) = (Bytes(100), Bytes(200));
        Image("app", "idle", idle);
        var kept = Image("app", "used", used);
        foreach (var (tag, layer) in new[] { ("idle", idle), ("used", used) })
        {
            using var manifest = await Get($"up.test/app/manifests/{tag}");
            await Body($"up.test/app/blobs/{Digest.Of(layer)}");
        }

        _time.Advance(TimeSpan.FromDays(29));
        using var again = await Get("up.test/app/manifests/used");
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, _registry.Services.GetRequiredService<UpstreamStore>().Expire(_time.GetUtcNow() - TimeSpan.FromDays(30)));
        Assert.Equal(1, Count("SELECT count(*) FROM manifests WHERE digest = @digest", kept.Digest));
        Assert.Equal(1, Count("SELECT count(*) FROM manifests"));
        Assert.Equal(0, Count("SELECT count(*) FROM repository_blobs WHERE digest = @digest", Digest.Of(idle)));
        Assert.Equal(1, Count("SELECT count(*) FROM repository_blobs WHERE digest = @digest", Digest.Of(used)));
        Assert.Equal(["used"], _registry.Services.GetRequiredService<RegistryStore>().Tags(1, "", 10));
        _time.Advance(TimeSpan.FromDays(31));
        _registry.Services.GetRequiredService<UpstreamStore>().Expire(_time.GetUtcNow() - TimeSpan.FromDays(30));
        Assert.Equal(0, Count("SELECT count(*) FROM repositories"));
    }

    [Fact]
    public async Task Garbage_collection_leaves_what_was_pulled_by_digest_to_its_last_use()
    {
        var layer = Bytes(100);
        var image = Image("app", "1", layer);
        using var manifest = await Get($"up.test/app/manifests/{image.Digest}");
        await Body($"up.test/app/blobs/{Digest.Of(layer)}");
        _time.Advance(TimeSpan.FromDays(3));
        await _registry.Services.GetRequiredService<RegistryCollection>().RunAsync(dryRun: false, "test", null, Cancellation);
        Assert.Equal(1, Count("SELECT count(*) FROM manifests WHERE digest = @digest", image.Digest));
        Assert.Equal(1, Count("SELECT count(*) FROM repository_blobs WHERE digest = @digest", Digest.Of(layer)));
        Assert.True(_registry.Blobs.Contains(Digest.Of(layer)));
    }

    private static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>An image of one layer.</summary>
    private Descriptor Image(string name, string tag, byte[] layer)
    {
        var (config, blob) = (_upstream.Blob(name, Encoding.UTF8.GetBytes(Config), MediaTypes.Config), _upstream.Blob(name, layer));
        return _upstream.Manifest(
            name,
            tag,
            Encoding.UTF8.GetBytes($$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.Manifest}}}","config":{"mediaType":"{{{MediaTypes.Config}}}","digest":"{{{config.Digest}}}","size":{{{config.Size}}}},"layers":[{"mediaType":"{{{MediaTypes.LayerGzip}}}","digest":"{{{blob.Digest}}}","size":{{{blob.Size}}}}]}"""));
    }

    private async Task<HttpResponseMessage> Get(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var response = await _registry.Client.GetAsync($"/v2/{path}", Cancellation);
        Assert.Equal(expected, response.StatusCode);
        return response;
    }

    private async Task<byte[]> Body(string path)
    {
        using var response = await Get(path);
        return await response.Content.ReadAsByteArrayAsync(Cancellation);
    }

    private long Count(string sql, Digest? digest = null)
    {
        using var connection = _registry.Services.GetRequiredService<Database>().Open();
        return connection.ExecuteScalar<long>(sql, new { digest = digest?.ToString() });
    }
}
