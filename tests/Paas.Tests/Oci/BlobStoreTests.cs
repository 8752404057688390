using System.Security.Cryptography;

namespace Paas.Oci;

public sealed class BlobStoreTests : IDisposable
{
    private readonly TempStore _store = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_put_is_read_back_by_its_digest()
    {
        var descriptor = await _store.Blobs.PutAsync("hello"u8.ToArray(), MediaTypes.Config, Cancellation);
        Assert.Equal("sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", descriptor.Digest.ToString());
        Assert.Equal(5, descriptor.Size);
        Assert.Equal("hello"u8.ToArray(), await _store.Blobs.ReadAsync(descriptor.Digest, Cancellation));
        Assert.Equal([descriptor.Digest], _store.Blobs.All());
        Assert.Empty(_store.Leftovers);
    }

    [Fact]
    public async Task Putting_the_same_bytes_again_is_success()
    {
        var first = await _store.Blobs.PutAsync("hello"u8.ToArray(), MediaTypes.Config, Cancellation);
        Assert.Equal(first, await _store.Blobs.PutAsync("hello"u8.ToArray(), MediaTypes.Config, Cancellation));
    }

    [Fact]
    public async Task A_writer_gathers_pieces_of_any_size()
    {
        var content = RandomNumberGenerator.GetBytes(3_000_001);
        await using var writer = _store.Blobs.CreateWriter();
        for (var (offset, size) = (0, 1); offset < content.Length; offset += size, size = Math.Min(size * 3, content.Length - offset))
        {
            size = Math.Min(size, content.Length - offset);
            await writer.WriteAsync(content.AsMemory(offset, size), Cancellation);
        }

        Assert.Equal(content.Length, writer.Written);
        var (digest, length) = await writer.CommitAsync(null, Cancellation);
        Assert.Equal((Digest.Of(content), content.Length), (digest, length));
        Assert.Equal(content, await _store.Blobs.ReadAsync(digest, Cancellation));
    }

    [Fact]
    public async Task A_sha512_digest_is_kept_as_the_client_named_it()
    {
        var content = "sha512 please"u8.ToArray();
        var expected = Digest.FromHash(SHA512.HashData(content));
        await using var writer = _store.Blobs.CreateWriter();
        await writer.WriteAsync(content, Cancellation);
        await writer.CommitAsync(expected, Cancellation);
        Assert.Equal(content, await _store.Blobs.ReadAsync(expected, Cancellation));
    }

    [Fact]
    public async Task Another_digest_than_promised_stores_nothing()
    {
        await using (var writer = _store.Blobs.CreateWriter())
        {
            await writer.WriteAsync("hello"u8.ToArray(), Cancellation);
            await Assert.ThrowsAsync<DigestMismatchException>(() => writer.CommitAsync(Digest.Of("other"u8), Cancellation));
        }

        Assert.Empty(_store.Blobs.All());
        Assert.Empty(_store.Leftovers);
    }

    [Fact]
    public async Task A_writer_that_is_given_up_leaves_nothing()
    {
        await using (var writer = _store.Blobs.CreateWriter())
        {
            await writer.WriteAsync(new byte[2_000_000], Cancellation);
        }

        Assert.Empty(_store.Leftovers);
    }

    [Fact]
    public async Task A_damaged_copy_of_another_size_is_healed()
    {
        var descriptor = await _store.Blobs.PutAsync("hello"u8.ToArray(), MediaTypes.Config, Cancellation);
        await File.WriteAllTextAsync(_store.Blobs.PathOf(descriptor.Digest)!, "he", Cancellation);
        await _store.Blobs.PutAsync("hello"u8.ToArray(), MediaTypes.Config, Cancellation);
        Assert.Equal("hello", await File.ReadAllTextAsync(_store.Blobs.PathOf(descriptor.Digest)!, Cancellation));
    }

    [Fact]
    public async Task A_read_only_root_is_read_and_never_written()
    {
        var descriptor = await _store.Blobs.PutAsync("hello"u8.ToArray(), MediaTypes.Config, Cancellation);
        var home = new BlobStore(Path.Combine(_store.Root, "home"), Path.Combine(_store.Root, "blobs"));
        await home.PutAsync("hello"u8.ToArray(), MediaTypes.Config, Cancellation);
        Assert.Equal("hello"u8.ToArray(), await home.ReadAsync(descriptor.Digest, Cancellation));
        Assert.Empty(home.All());
        Assert.False(home.TryDelete(descriptor.Digest, DateTimeOffset.MaxValue, () => true));
        Assert.True(home.Contains(descriptor.Digest));
    }

    [Fact]
    public async Task A_deleted_blob_is_gone()
    {
        var descriptor = await _store.Blobs.PutAsync("hello"u8.ToArray(), MediaTypes.Config, Cancellation);
        Assert.True(_store.Blobs.TryDelete(descriptor.Digest, DateTimeOffset.MaxValue, () => true));
        Assert.Null(_store.Blobs.PathOf(descriptor.Digest));
        var missing = Assert.Throws<FileNotFoundException>(() => _store.Blobs.OpenRead(descriptor.Digest));
        Assert.Equal($"The blob {descriptor.Digest} is not in the content store.", missing.Message);
    }

    [Fact]
    public async Task A_blob_whose_lease_was_renewed_stays()
    {
        var descriptor = await _store.Blobs.PutAsync("hello"u8.ToArray(), MediaTypes.Config, Cancellation);
        Age(descriptor.Digest);
        var now = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        Assert.True(_store.Blobs.TryRenew(descriptor.Digest));
        Assert.False(_store.Blobs.TryDelete(descriptor.Digest, now, () => true));
        Assert.True(_store.Blobs.Contains(descriptor.Digest));
    }

    [Fact]
    public async Task A_blob_that_is_needed_stays()
    {
        var descriptor = await _store.Blobs.PutAsync("hello"u8.ToArray(), MediaTypes.Config, Cancellation);
        Assert.False(_store.Blobs.TryDelete(descriptor.Digest, DateTimeOffset.MaxValue, () => false));
        Assert.True(_store.Blobs.Contains(descriptor.Digest));
    }

    [Fact]
    public async Task Storing_the_same_bytes_again_renews_the_lease()
    {
        var descriptor = await _store.Blobs.PutAsync("hello"u8.ToArray(), MediaTypes.Config, Cancellation);
        Age(descriptor.Digest);
        await _store.Blobs.PutAsync("hello"u8.ToArray(), MediaTypes.Config, Cancellation);
        Assert.True(Leased(descriptor.Digest) > TimeProvider.System.GetUtcNow().AddMinutes(-1));

        Age(descriptor.Digest);
        await using var writer = _store.Blobs.CreateWriter();
        await writer.WriteAsync("hello"u8.ToArray(), Cancellation);
        await writer.CommitAsync(descriptor.Digest, Cancellation);
        Assert.True(Leased(descriptor.Digest) > TimeProvider.System.GetUtcNow().AddMinutes(-1));
        Assert.Empty(_store.Leftovers);
    }

    [Fact]
    public void What_is_not_there_has_no_lease() => Assert.False(_store.Blobs.TryRenew(Digest.Of("nothing"u8)));

    [Fact]
    public async Task A_sweep_of_temporary_files_leaves_the_writers_of_now_alone()
    {
        await using var writer = _store.Blobs.CreateWriter();
        await writer.WriteAsync("hello"u8.ToArray(), Cancellation);
        await File.WriteAllTextAsync(Path.Combine(_store.Root, "blobs", "tmp", "dead"), "12345", Cancellation);
        Assert.Equal((0, 0), _store.Blobs.SweepTemporary(TimeProvider.System.GetUtcNow().AddMinutes(-1), dryRun: false));
        Assert.Equal((1, 5), _store.Blobs.SweepTemporary(DateTimeOffset.MaxValue, dryRun: true));
        Assert.Equal((1, 5), _store.Blobs.SweepTemporary(DateTimeOffset.MaxValue, dryRun: false));
        var (digest, _) = await writer.CommitAsync(null, Cancellation);
        Assert.True(_store.Blobs.Contains(digest));
    }

    [Fact]
    public async Task Renewing_and_deleting_at_once_never_loses_what_was_promised()
    {
        var content = "contended"u8.ToArray();
        var digest = Digest.Of(content);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        stop.CancelAfter(TimeSpan.FromSeconds(1));
        var sweeping = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    _store.Blobs.TryDelete(digest, TimeProvider.System.GetUtcNow().AddSeconds(-5), () => true);
                }
            },
            Cancellation);
        var revived = 0;
        while (!stop.IsCancellationRequested)
        {
            await _store.Blobs.PutAsync(content, MediaTypes.Config, Cancellation);
            Age(digest);
            if (_store.Blobs.TryRenew(digest))
            {
                revived++;
                Assert.Equal(content, await _store.Blobs.ReadAsync(digest, Cancellation));
            }
        }

        await sweeping;
        Assert.True(revived > 0);
    }

    private DateTimeOffset Leased(Digest digest) => _store.Blobs.Shards().SelectMany(_store.Blobs.In).Single(blob => blob.Digest == digest).LeasedAt;

    private void Age(Digest digest)
    {
        try
        {
            File.SetLastWriteTimeUtc(_store.Blobs.PathOf(digest)!, DateTime.UnixEpoch);
        }
        catch (Exception error) when (error is FileNotFoundException or ArgumentNullException)
        {
            // Swept already.
        }
    }

    [Fact]
    public async Task A_huge_blob_is_not_read_into_memory()
    {
        await using var writer = _store.Blobs.CreateWriter();
        await writer.WriteAsync(new byte[17 << 20], Cancellation);
        var (digest, _) = await writer.CommitAsync(null, Cancellation);
        await Assert.ThrowsAsync<InvalidDataException>(() => _store.Blobs.ReadAsync(digest, Cancellation));
    }

    public void Dispose() => _store.Dispose();
}
