using Paas.Oci;

namespace Paas.Registry;

/// <summary>Blobs of other registries: each is fetched once into the content store, by whoever asks first, and all who ask meanwhile read along.</summary>
internal sealed class UpstreamBlobs(Upstreams upstreams, UpstreamStore store, RegistryStore registry, BlobStore blobs, StorageLimits limits, IHostApplicationLifetime lifetime) : IAsyncDisposable
{
    /// <summary>From all registries; the next waits.</summary>
    private const int MostAtOnce = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<(long Repository, Digest Digest), UpstreamFetch> _running = [];
    private readonly SemaphoreSlim _turns = new(MostAtOnce);

    /// <returns>False: it is here, and answered as any other.</returns>
    /// <exception cref="RegistryError">BLOB_UNKNOWN: no manifest that was pulled through names it. TOOMANYREQUESTS or UNAVAILABLE.</exception>
    public async Task<bool> TryServeAsync(RepositoryRequest request, Upstream upstream, Digest digest)
    {
        var repository = request.Existing();
        if (IsHere(repository, digest))
        {
            return false;
        }

        var size = store.SizeOf(repository, digest) ?? throw RegistryError.BlobUnknown(digest);
        if (HttpMethods.IsHead(request.Context.Request.Method))
        {
            Describe(request, digest);
            request.Context.Response.ContentLength = size;
            return true;
        }

        // Never what is in the store for another reason: a manifest from elsewhere may name anybody's blob. Where all of an upstream is open to
        // everybody, one image of it may have what another has.
        if (upstream.Credentials is null && store.HasAnother(upstream, digest) && blobs.TryRenew(digest))
        {
            registry.LinkPushed(repository, digest, size, request.Name);
            return false;
        }

        limits.Of(repository, request).Check(size);
        if (Join(request, upstream, repository, new Descriptor { MediaType = BlobAnswer.ContentType, Digest = digest, Size = size }) is not { } fetch)
        {
            return false;
        }

        try
        {
            await fetch.BeganAsync(request.Aborted);
            await SendAsync(request, fetch, digest, size);
        }
        catch (RegistryClientException failed)
        {
            if (!request.Context.Response.HasStarted)
            {
                throw RegistryError.OfUpstream(upstream.Name, failed, () => RegistryError.BlobUnknown(digest));
            }

            // It cannot be taken back; a connection that is cut is what clients notice.
            request.Context.Abort();
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            running = [.. _running.Values.Select(fetch => fetch.Done)];
        }

        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _turns.Dispose();
    }

    private bool IsHere(long repository, Digest digest) => registry.HasBlob(repository, digest) && blobs.Contains(digest);

    /// <summary>Null: it has just arrived.</summary>
    private UpstreamFetch? Join(RepositoryRequest request, Upstream upstream, long repository, Descriptor blob)
    {
        var (key, name) = ((repository, blob.Digest), request.Name);
        lock (_gate)
        {
            if (_running.TryGetValue(key, out var running))
            {
                return running;
            }

            if (IsHere(repository, blob.Digest))
            {
                return null;
            }

            var fetch = _running[key] = new UpstreamFetch(blob, blobs);
            fetch.Start(upstreams.Open(upstream, name), _turns, limits.CheckDisk, () => registry.LinkPushed(repository, blob.Digest, blob.Size, name), () => End(key), lifetime.ApplicationStopping);
            return fetch;
        }
    }

    private void End((long, Digest) key)
    {
        lock (_gate)
        {
            _running.Remove(key);
        }
    }

    private static async Task SendAsync(RepositoryRequest request, UpstreamFetch fetch, Digest digest, long size)
    {
        Describe(request, digest);
        if (BlobAnswer.Begin(request.Context, size) is not { } sent)
        {
            return;
        }

        // What was asked for may be far from having arrived.
        await request.Context.Response.BodyWriter.FlushAsync(request.Aborted);
        await fetch.CopyAsync(sent, request.Context.Response.BodyWriter, request.Aborted);
    }

    private static void Describe(RepositoryRequest request, Digest digest)
    {
        // The edge has no file to repeat this from yet.
        Grants.Forgo(request.Context);
        request.Context.Response.ContentType = BlobAnswer.ContentType;
        BlobAnswer.Describe(request.Context.Response, digest);
    }
}
