using System.Text;
using System.Text.Json;

namespace Paas.Oci;

public sealed class RegistryClientTests : IAsyncLifetime
{
    private readonly TempStore _store = new();
    private readonly HttpClient _http = RegistryHttp.Create(null);
    private TestUpstream _upstream = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private RegistryClient Client => new(_http, TimeProvider.System) { FirstPause = TimeSpan.FromMilliseconds(1) };

    public async ValueTask InitializeAsync() => _upstream = await TestUpstream.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _upstream.DisposeAsync();
        _http.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task An_image_comes_with_config_and_layers_into_the_content_store()
    {
        var pushed = _upstream.Image("team/app", "1", TempStore.Layer(TarEntryTo.File("hello")));
        var stored = new List<Digest>();
        var last = default(PullProgress);
        var pulled = await new ImagePull(_store.Blobs, _ => false, blob => stored.Add(blob.Digest)).RunAsync(Open("team/app:1"), Reference.Of(Tag.Parse("1")), progress => last = progress, Cancelled);
        Assert.Equal(pushed.Digest, pulled.Image.Digest);
        Assert.Equal(last.Total, last.Arrived);
        Assert.Single(await _store.Images.UnpackAsync(await _store.Images.ReadAsync(pushed.Digest, Cancelled), Cancelled));
        Assert.Equal(3, stored.Count);
        Assert.Empty(_store.Leftovers);
    }

    [Fact]
    public async Task A_blob_that_somebody_else_has_here_is_fetched_all_the_same()
    {
        var layer = TempStore.Layer(TarEntryTo.File("secret"));
        await _store.Blobs.PutAsync(layer.Blob, MediaTypes.Layer, Cancelled);
        _upstream.Image("team/app", "1", layer);
        _upstream.Documents.TryRemove($"team/app/blobs/{Digest.Of(layer.Blob)}", out _);
        var fault = await Assert.ThrowsAsync<RegistryClientException>(() => PullAsync("team/app:1"));
        Assert.Equal(RegistryFault.NotFound, fault.Fault);
        Assert.Contains("names the blob", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_caller_has_a_right_to_is_not_fetched_again()
    {
        var pushed = _upstream.Image("team/app", "1", TempStore.Layer(TarEntryTo.File("hello")));
        await PullAsync("team/app:1");
        _upstream.Requests.Clear();
        Assert.Equal(pushed.Digest, (await PullAsync("team/app:1", reuse: true)).Top);
        Assert.DoesNotContain(_upstream.Requests, request => request.Path.Contains("/blobs/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_signs_in_as_the_registry_asks(bool bearer)
    {
        _upstream.Demand("me", "s3cret", bearer);
        var pushed = _upstream.Image("team/app", "1", TempStore.Layer(TarEntryTo.File("hello")));
        var repository = Client.Open(_upstream.Image("team/app:1"), new RegistryCredentials("me", "s3cret"));
        Assert.Equal(pushed.Digest, await repository.DigestOfAsync(Reference.Of(Tag.Parse("1")), Cancelled));
        Assert.NotNull(await repository.FindManifestAsync(Reference.Of(Tag.Parse("1")), Cancelled));
        if (bearer)
        {
            var (_, path, _, _) = Assert.Single(_upstream.Requests, request => request.Path.StartsWith("/token", StringComparison.Ordinal));
            Assert.Equal("/token?service=a%20b&scope=repository%3Ateam%2Fapp%3Apull&account=me", path);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_login_that_is_not_accepted_says_how_to_sign_in(bool bearer)
    {
        _upstream.Demand("me", "s3cret", bearer);
        var none = await Assert.ThrowsAsync<RegistryClientException>(() => PullAsync("team/app:1"));
        Assert.Equal(RegistryFault.Unauthorized, none.Fault);
        Assert.Contains($"sign in with: paas registry login {_upstream.Host}", none.Message, StringComparison.Ordinal);
        var wrong = Client.Open(_upstream.Image("team/app:1"), new RegistryCredentials("me", "wrong"));
        var refused = await Assert.ThrowsAsync<RegistryClientException>(() => wrong.DigestOfAsync(Reference.Of(Tag.Parse("1")), Cancelled));
        Assert.Contains("does not accept the login of 'me'", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_to_another_host_does_not_take_the_login_along()
    {
        await using var storage = await TestUpstream.StartAsync();
        var blob = storage.Blob("elsewhere", Encoding.UTF8.GetBytes("content"));
        _upstream.Demand("me", "s3cret", bearer: false);
        var demand = _upstream.Before;
        _upstream.Before = async context =>
        {
            if (!await demand(context))
            {
                context.Response.Redirect($"http://{storage.Host}/v2/elsewhere/blobs/{blob.Digest}");
            }

            return true;
        };
        await Client.Open(_upstream.Image("team/app"), new RegistryCredentials("me", "s3cret")).FetchBlobAsync(blob, _store.Blobs, null, Cancelled);
        Assert.True(_store.Blobs.Contains(blob.Digest));
        Assert.Equal("", Assert.Single(storage.Requests).Authorization);
    }

    [Fact]
    public async Task Redirects_without_end_end()
    {
        _upstream.Before = context =>
        {
            context.Response.Redirect("/v2/again");
            return Task.FromResult(true);
        };
        var fault = await Assert.ThrowsAsync<RegistryClientException>(() => PullAsync("team/app:1"));
        Assert.Contains("redirects without end", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_dropped_connection_is_taken_up_where_it_ended(bool ranges)
    {
        var content = new byte[700_000];
        Random.Shared.NextBytes(content);
        var blob = _upstream.Blob("team/app", content);
        var drops = 3;
        _upstream.Before = async context =>
        {
            if (!ranges)
            {
                context.Request.Headers.Remove("Range");
            }

            if (Interlocked.Decrement(ref drops) < 0)
            {
                return false;
            }

            var from = ranges && context.Request.Headers.Range.ToString() is { Length: > 0 } range ? int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture) : 0;
            context.Response.StatusCode = from > 0 ? 206 : 200;
            if (from > 0)
            {
                context.Response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
            }

            context.Response.ContentLength = content.Length - from;
            await context.Response.Body.WriteAsync(content.AsMemory(from, Math.Min(150_000 * (4 - drops), content.Length - from - 1)));
            await context.Response.Body.FlushAsync();
            await Task.Delay(100);
            context.Abort();
            return true;
        };
        var arrived = 0L;
        await Client.Open(_upstream.Image("team/app"), null).FetchBlobAsync(blob, _store.Blobs, count => arrived += count, Cancelled);
        Assert.Equal(content.Length, arrived);
        Assert.Equal(content, await _store.Blobs.ReadAsync(blob.Digest, Cancelled));
        Assert.Equal(ranges, _upstream.Requests.Last().Range.Length > 0 && _upstream.Requests.Any(request => request.Range.Length > 0) && ranges);
    }

    [Fact]
    public async Task Bytes_with_another_digest_are_thrown_away()
    {
        var blob = _upstream.Blob("team/app", Encoding.UTF8.GetBytes("right"));
        _upstream.Documents[$"team/app/blobs/{blob.Digest}"] = (MediaTypes.Layer, Encoding.UTF8.GetBytes("wrong"));
        var fault = await Assert.ThrowsAsync<RegistryClientException>(() => Client.Open(_upstream.Image("team/app"), null).FetchBlobAsync(blob, _store.Blobs, null, Cancelled));
        Assert.Equal(RegistryFault.BadAnswer, fault.Fault);
        Assert.Contains("sent other bytes than promised", fault.Message, StringComparison.Ordinal);
        Assert.False(_store.Blobs.Contains(blob.Digest));
        Assert.Empty(_store.Leftovers);
    }

    [Fact]
    public async Task A_manifest_with_another_digest_is_refused()
    {
        var pushed = _upstream.Image("team/app", "1", TempStore.Layer(TarEntryTo.File("hello")));
        _upstream.Documents[$"team/app/manifests/{pushed.Digest}"] = (MediaTypes.Manifest, "{}"u8.ToArray());
        var fault = await Assert.ThrowsAsync<RegistryClientException>(() => PullAsync($"team/app@{pushed.Digest}"));
        Assert.Contains("was promised", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_bytes_than_promised_are_not_taken()
    {
        var blob = _upstream.Blob("team/app", new byte[5000]) with { Size = 4000 };
        var fault = await Assert.ThrowsAsync<RegistryClientException>(() => Client.Open(_upstream.Image("team/app"), null).FetchBlobAsync(blob, _store.Blobs, null, Cancelled));
        Assert.Contains("sends more than the 4000 bytes", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_index_the_image_for_this_machine_comes()
    {
        var mine = _upstream.Image("team/app", "mine", TempStore.Layer(TarEntryTo.File("mine")));
        var index = Index("both", ("linux", "s390x", mine), ("linux", Images.Architecture, mine));
        var pulled = await PullAsync("team/app:both");
        Assert.Equal(index.Digest, pulled.Top);
        Assert.Equal(mine.Digest, pulled.Image.Digest);
    }

    [Fact]
    public async Task What_is_not_for_this_machine_says_what_it_is_for()
    {
        var other = _upstream.Image("team/app", "other", TempStore.Layer(TarEntryTo.File("x")), architecture: "s390x");
        Index("index", ("linux", "s390x", other), ("windows", "amd64", other));
        var alone = await Assert.ThrowsAsync<RegistryClientException>(() => PullAsync("team/app:other"));
        Assert.Equal(RegistryFault.OtherPlatform, alone.Fault);
        Assert.Contains($"is for linux/s390x, but this server runs linux/{Images.Architecture}", alone.Message, StringComparison.Ordinal);
        var fault = await Assert.ThrowsAsync<RegistryClientException>(() => PullAsync("team/app:index"));
        Assert.Contains($"has no image for linux/{Images.Architecture}, which this server is: it has linux/s390x, windows/amd64.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        Assert.Null(await Open("team/app").DigestOfAsync(Reference.Of(Tag.Parse("1")), Cancelled));
        var fault = await Assert.ThrowsAsync<RegistryClientException>(() => PullAsync("team/app:1"));
        Assert.Equal($"{_upstream.Host}/team/app has no image '1': check name and tag.", fault.Message);
    }

    [Fact]
    public async Task A_chart_is_no_image()
    {
        _upstream.Manifest("team/app", "1", """{"schemaVersion":2}"""u8.ToArray());
        Assert.Contains("is not an image that can be run", (await Assert.ThrowsAsync<RegistryClientException>(() => PullAsync("team/app:1"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, RegistryFault.RateLimited, "too many requests from here (slow down)")]
    [InlineData(403, RegistryFault.Denied, "denies access to team/app (slow down)")]
    [InlineData(503, RegistryFault.Unreachable, "answers 503")]
    [InlineData(418, RegistryFault.BadAnswer, "answers 418")]
    public async Task A_refusal_is_told_in_the_registrys_words(int status, RegistryFault expected, string sentence)
    {
        _upstream.Before = async context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "30";
            await context.Response.WriteAsync("""{"errors":[{"code":"X","message":"slow down."}]}""");
            return true;
        };
        var fault = await Assert.ThrowsAsync<RegistryClientException>(() => PullAsync("team/app:1"));
        Assert.Equal(expected, fault.Fault);
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
        Assert.Equal(expected == RegistryFault.RateLimited ? TimeSpan.FromSeconds(30) : null, fault.RetryAfter);
    }

    [Fact]
    public async Task A_registry_that_does_not_answer_is_given_up()
    {
        _upstream.Before = async context =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        var client = new RegistryClient(_http, TimeProvider.System) { Patience = TimeSpan.FromMilliseconds(200) };
        var fault = await Assert.ThrowsAsync<RegistryClientException>(() => client.Open(_upstream.Image("team/app"), null).DigestOfAsync(Reference.Of(Tag.Parse("1")), Cancelled));
        Assert.Equal(RegistryFault.Unreachable, fault.Fault);
        Assert.Contains("did not answer within", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("169.254.169.254/team/app", "own link")]
    [InlineData("[fe80::1]/team/app", "own link")]
    public async Task Addresses_of_the_machines_own_link_are_not_asked(string name, string sentence)
    {
        var fault = await Assert.ThrowsAsync<RegistryClientException>(() => Client.Open(ImageReference.Parse(name), null).DigestOfAsync(Reference.Of(Tag.Parse("1")), Cancelled));
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Challenges_are_read_as_they_are_sent()
    {
        var challenges = RegistryChallenge.Parse(["Basic realm=\"x, y\", Bearer realm=\"https://auth/token\" , service=plain,scope=\"repository:a/b:pull,push\"", "Negotiate"]);
        Assert.Equal(["basic", "bearer", "negotiate"], challenges.Select(item => item.Scheme));
        Assert.Equal("x, y", challenges[0].Parameters["realm"]);
        Assert.Equal(("https://auth/token", "plain", "repository:a/b:pull,push"), (challenges[1].Parameters["realm"], challenges[1].Parameters["service"], challenges[1].Parameters["scope"]));
    }

    private RemoteRepository Open(string rest) => Client.Open(_upstream.Image(rest), null);

    private Task<PulledImage> PullAsync(string rest, bool reuse = false)
    {
        var repository = Open(rest);
        return new ImagePull(_store.Blobs, _ => reuse, _ => { }).RunAsync(repository, repository.Image.Reference, null, Cancelled);
    }

    private Descriptor Index(string tag, params (string Os, string Architecture, Descriptor Manifest)[] images)
    {
        var index = new ImageIndex { Manifests = [.. images.Select(item => item.Manifest with { Platform = new Platform { Os = item.Os, Architecture = item.Architecture } })] };
        return _upstream.Manifest("team/app", tag, JsonSerializer.SerializeToUtf8Bytes(index, OciJson.Canonical.ImageIndex), MediaTypes.Index);
    }
}
