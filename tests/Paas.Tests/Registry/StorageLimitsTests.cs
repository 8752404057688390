using System.Net;
using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

public sealed class StorageLimitsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_blob_may_have_so_much_whether_it_says_so_or_not()
    {
        await using var registry = await TestRegistry.StartAsync(services => services.AddSingleton(new RegistryOptions { MaxBlob = 1000 }));
        await registry.Push("hello", new byte[1000]);
        foreach (var isStream in new[] { false, true })
        {
            var location = await Start(registry);
            HttpContent body = isStream ? new StreamContent(new Unsized(new byte[1001])) : new ByteArrayContent(new byte[1001]);
            using var refused = await registry.Client.SendAsync(new HttpRequestMessage(HttpMethod.Patch, location) { Content = body }, Cancellation);
            Assert.Equal("413 SIZE_INVALID", await refused.Error());
            Assert.Equal("A blob can have 1000 bytes at most.", await refused.Sentence());
            using var ended = await registry.Client.GetAsync(location, Cancellation);
            Assert.Equal(HttpStatusCode.NotFound, ended.StatusCode);
        }

        Assert.Single(registry.Blobs.All());
    }

    [Fact]
    public async Task A_repository_may_have_so_much_in_all_ways_to_fill_it()
    {
        await using var registry = await TestRegistry.StartAsync();
        var other = await registry.Push("hello/other", new byte[600]);
        await registry.Push("hello", new byte[500]);
        await using (var connection = registry.Services.GetRequiredService<Database>().Open())
        {
            await Dapper.SqlMapper.ExecuteAsync(connection, "UPDATE repositories SET max_bytes = 1000 WHERE path = ''");
        }

        using var put = await registry.Client.PutAsync($"{await Start(registry)}?digest={Digest.Of(new byte[501])}", new ByteArrayContent(new byte[501]), Cancellation);
        Assert.Equal("403 DENIED", await put.Error());
        Assert.StartsWith("The repository 'hello' can have 1000 bytes in all", await put.Sentence(), StringComparison.Ordinal);
        using var mount = await registry.Client.PostAsync($"/v2/hello/blobs/uploads/?mount={other}&from=hello/other", null, Cancellation);
        Assert.Equal("403 DENIED", await mount.Error());
        using var head = await registry.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v2/hello/blobs/{other}"), Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        await registry.Push("hello", [1, .. new byte[499]]);
    }

    [Fact]
    public async Task The_registry_may_have_so_much_each_blob_counted_once()
    {
        await using var registry = await TestRegistry.StartAsync(services => services.AddSingleton(new RegistryOptions { MaxBytes = 1000 }));
        await registry.Push("hello", new byte[600]);
        await registry.Push("hello/other", [1, .. new byte[399]]);
        using var more = await registry.Client.PostAsync($"/v2/hello/blobs/uploads/?digest={Digest.Of("x"u8)}", new ByteArrayContent([(byte)'x']), Cancellation);
        Assert.Equal("403 DENIED", await more.Error());
        Assert.StartsWith("The registry can have 1000 bytes in all", await more.Sentence(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_almost_full_disk_takes_nothing_and_loses_nothing()
    {
        var options = new RegistryOptions();
        await using var registry = await TestRegistry.StartAsync(services => services.AddTransient(_ => options));
        var digest = await registry.Push("hello", "before"u8.ToArray());
        options = new RegistryOptions { FreeSpaceFloor = long.MaxValue };
        await using var full = await TestRegistry.StartAsync(services => services.AddSingleton(options));
        using var post = await full.Client.PostAsync("/v2/hello/blobs/uploads/", null, Cancellation);
        Assert.Equal("507 DENIED", await post.Error());
        Assert.StartsWith("The server's disk is almost full", await post.Sentence(), StringComparison.Ordinal);
        using var manifest = await full.PutManifest("hello", "x", "{}");
        Assert.Equal("507 DENIED", await manifest.Error());
        Assert.Equal("before", await registry.Client.GetStringAsync($"/v2/hello/blobs/{digest}", Cancellation));
    }

    [Fact]
    public async Task A_repository_has_not_more_open_uploads_than_it_may()
    {
        await using var registry = await TestRegistry.StartAsync(services => services.AddSingleton(new RegistryOptions { MaxUploads = 2 }));
        var first = await Start(registry);
        await Start(registry);
        using var third = await registry.Client.PostAsync("/v2/hello/blobs/uploads/", null, Cancellation);
        Assert.Equal("429 TOOMANYREQUESTS", await third.Error());
        (await registry.Client.DeleteAsync(first, Cancellation)).Dispose();
        await Start(registry);
    }

    [Fact]
    public void A_full_disk_is_told_from_other_failures()
    {
        var exception = Assert.Throws<IOException>(() =>
        {
            using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            full.Write("x"u8);
        });
        Assert.True(RegistryError.IsDiskFull(exception));
        Assert.False(RegistryError.IsDiskFull(new IOException("something else")));
    }

    private static async Task<string> Start(TestRegistry registry)
    {
        using var response = await registry.Client.PostAsync("/v2/hello/blobs/uploads/", null, Cancellation);
        return response.Headers.Location!.ToString();
    }

    private sealed class Unsized(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
