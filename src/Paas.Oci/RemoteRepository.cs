using System.Security.Cryptography;

namespace Paas.Oci;

/// <summary>One repository of another registry, for reading.</summary>
public sealed class RemoteRepository
{
    /// <summary>Bytes; as large as registries take them.</summary>
    public const int MaxManifest = 4 << 20;

    private const int Tries = 5;

    private static readonly string[] ManifestTypes = [MediaTypes.Manifest, MediaTypes.Index, MediaTypes.DockerManifest, MediaTypes.DockerList];

    private readonly TimeProvider _time;
    private readonly RegistryClient _client;
    private readonly RemoteExchange _exchange;

    internal RemoteRepository(HttpClient http, TimeProvider time, RegistryClient client, ImageReference image, RegistryCredentials? credentials)
    {
        (_time, _client, Image) = (time, client, image);
        _exchange = new RemoteExchange(http, time, client.Patience, image, credentials);
    }

    public ImageReference Image { get; }

    /// <summary>What a tag points to now, by HEAD, which counts against nobody's rate limit. Null: there is no such manifest.
    /// A registry that does not name the digest is asked for the manifest.</summary>
    /// <exception cref="RegistryClientException">It did not answer, or said no.</exception>
    public Task<Digest?> DigestOfAsync(Reference reference, CancellationToken cancellationToken) => AgainAsync(
        async () =>
        {
            using (var response = await _exchange.SendAsync(HttpMethod.Head, $"manifests/{reference}", ManifestTypes, 0, cancellationToken))
            {
                if (!response.IsSuccessStatusCode)
                {
                    return null;
                }

                if (response.Headers.TryGetValues("Docker-Content-Digest", out var named) && Digest.TryParse(named.First(), out var digest))
                {
                    return digest;
                }
            }

            return (await FindManifestAsync(reference, cancellationToken))?.Digest;
        },
        cancellationToken);

    /// <summary>Null: there is no such manifest.</summary>
    /// <exception cref="RegistryClientException">It did not answer, said no, or sent other bytes than it promised.</exception>
    public Task<RemoteManifest?> FindManifestAsync(Reference reference, CancellationToken cancellationToken) => AgainAsync(
        async () =>
        {
            using var response = await _exchange.SendAsync(HttpMethod.Get, $"manifests/{reference}", ManifestTypes, 0, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                return null;
            }

            var content = await _exchange.ReadAsync(response, MaxManifest, cancellationToken);
            var promised = reference.Digest
                ?? (response.Headers.TryGetValues("Docker-Content-Digest", out var named) && Digest.TryParse(named.First(), out var parsed) ? parsed : null);
            var digest = promised is { Algorithm: "sha512" } ? Digest.FromHash(SHA512.HashData(content)) : Digest.Of(content);
            return promised is null || promised == digest
                ? new RemoteManifest(digest, response.Content.Headers.ContentType?.MediaType ?? MediaTypes.Manifest, content)
                : throw _exchange.Bad($"sends a manifest with the digest {digest.Short} where {promised.Value.Short} was promised");
        },
        cancellationToken);

    /// <summary>What refers to a manifest (distribution-spec v1.1, "Listing Referrers"), as an image index. A registry without such a list keeps one
    /// under a tag that is made from the digest ("Referrers Tag Schema"). Null: neither.</summary>
    /// <param name="artifactType">What is asked for; the answer may have others. Empty: all.</param>
    /// <exception cref="RegistryClientException">It did not answer, or said no.</exception>
    public Task<byte[]?> FindReferrersAsync(Digest subject, string artifactType, CancellationToken cancellationToken) => AgainAsync(
        async () =>
        {
            var filter = artifactType.Length == 0 ? "" : $"?artifactType={Uri.EscapeDataString(artifactType)}";
            using (var response = await _exchange.SendAsync(HttpMethod.Get, $"referrers/{subject}{filter}", [MediaTypes.Index], 0, cancellationToken))
            {
                if (response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == MediaTypes.Index)
                {
                    return await _exchange.ReadAsync(response, MaxManifest, cancellationToken);
                }
            }

            var kept = await FindManifestAsync(Reference.Of(Tag.Parse($"{subject.Algorithm}-{subject.Hex[..64]}")), cancellationToken);
            return kept is { MediaType: MediaTypes.Index } ? kept.Content : null;
        },
        cancellationToken);

    /// <summary>Brings a blob into the content store: hashed while it streams, resumed where a dropped connection left it.</summary>
    /// <param name="blob">Its size is the limit too.</param>
    /// <param name="store">Gets it.</param>
    /// <param name="arrived">Told the bytes of each piece; null: nobody wants to know.</param>
    /// <param name="cancellationToken">Throws away what came.</param>
    /// <remarks>It is fetched even when the store has it: whoever may name a digest must not thereby get another's blob. The caller knows what it may skip.</remarks>
    /// <exception cref="RegistryClientException">It is not there, or did not come whole and right.</exception>
    public async Task FetchBlobAsync(Descriptor blob, BlobStore store, Action<long>? arrived, CancellationToken cancellationToken)
    {
        await using var writer = store.CreateWriter();
        await CopyBlobAsync(blob, writer, arrived, cancellationToken);
        try
        {
            await writer.CommitAsync(blob.Digest, cancellationToken);
        }
        catch (DigestMismatchException mismatch)
        {
            throw new RegistryClientException(RegistryFault.BadAnswer, $"{Image.Host} sent other bytes than promised. {mismatch.Message}", mismatch);
        }
    }

    /// <summary>The same into any stream, whose owner hashes it; nothing is said of the digest here.</summary>
    /// <exception cref="RegistryClientException">It is not there, or did not come whole.</exception>
    public async Task CopyBlobAsync(Descriptor blob, Stream target, Action<long>? arrived, CancellationToken cancellationToken)
    {
        var written = 0L;
        for (var failures = 0; ;)
        {
            var before = written;
            try
            {
                using var response = await _exchange.SendAsync(HttpMethod.Get, $"blobs/{blob.Digest}", [], written, cancellationToken);
                using var body = await BodyAsync(response, blob, written, cancellationToken);
                var buffer = new byte[128 << 10];
                for (int count; (count = await body.ReadAsync(buffer)) > 0; written += count)
                {
                    if (written + count > blob.Size)
                    {
                        throw _exchange.Bad($"sends more than the {blob.Size} bytes that it promised of {blob.Digest.Short}");
                    }

                    await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                    arrived?.Invoke(count);
                }

                if (written == blob.Size)
                {
                    return;
                }

                throw EndedEarly(blob);
            }
            catch (RegistryClientException error) when (error.Fault == RegistryFault.Unreachable)
            {
                failures = written > before ? 1 : failures + 1;
                if (failures >= Tries)
                {
                    throw;
                }

                await Task.Delay(_client.FirstPause * Math.Pow(2, failures - 1), _time, cancellationToken);
            }
        }
    }

    /// <summary>From where the last answer ended; a registry without ranges sends all of it again.</summary>
    private async Task<PatientBody> BodyAsync(HttpResponseMessage response, Descriptor blob, long from, CancellationToken cancellationToken)
    {
        if ((int)response.StatusCode is 404)
        {
            throw new RegistryClientException(RegistryFault.NotFound, $"{Image.Host}/{Image.Repository} names the blob {blob.Digest.Short} but does not have it: push the image there again.");
        }

        var begins = response.Content.Headers.ContentRange is { From: { } first } ? first : 0;
        if (!response.IsSuccessStatusCode || begins > from)
        {
            throw _exchange.Bad($"does not go on with {blob.Digest.Short} where it was left");
        }

        var body = new PatientBody(await response.Content.ReadAsStreamAsync(cancellationToken), _client.Patience, _exchange, cancellationToken);
        var skipped = new byte[64 << 10];
        for (var left = from - begins; left > 0;)
        {
            var count = await body.ReadAsync(skipped.AsMemory(0, (int)Math.Min(left, skipped.Length)));
            left -= count > 0 ? count : throw EndedEarly(blob);
        }

        return body;
    }

    private RegistryClientException EndedEarly(Descriptor blob) => _exchange.Unreachable(new EndOfStreamException($"it ended in the middle of {blob.Digest.Short}"));

    private async Task<T> AgainAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await ask();
            }
            catch (RegistryClientException error) when (error.Fault == RegistryFault.Unreachable && error.InnerException is not OperationCanceledException && failures < 3)
            {
                await Task.Delay(_client.FirstPause * failures, _time, cancellationToken);
            }
        }
    }

    /// <summary>A read that fails or takes too long is a dropped connection.</summary>
    private sealed class PatientBody(Stream inner, TimeSpan patience, RemoteExchange exchange, CancellationToken cancellationToken) : IDisposable
    {
        private readonly CancellationTokenSource _late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        public async ValueTask<int> ReadAsync(Memory<byte> buffer)
        {
            _late.CancelAfter(patience);
            try
            {
                return await inner.ReadAsync(buffer, _late.Token);
            }
            catch (Exception error) when (error is IOException or HttpRequestException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                throw exchange.Unreachable(error);
            }
        }

        public void Dispose()
        {
            inner.Dispose();
            _late.Dispose();
        }
    }
}
