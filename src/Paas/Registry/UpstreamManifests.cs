using System.Collections.Concurrent;
using System.Globalization;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>Manifests of other registries. By digest one is fetched once; what a tag points to is asked for again (by HEAD, which costs nobody's
/// quota) when the answer has grown old, and believed on when the other registry cannot say.</summary>
internal sealed partial class UpstreamManifests(
    Upstreams upstreams, UpstreamStore store, RegistryStore registry, StorageLimits limits, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<UpstreamManifests> logger)
    : IAsyncDisposable
{
    private const int MostRemembered = 10_000;

    /// <summary>RFC 7234, 5.5.1 and 5.5.2; in RFC 9111 they are no more, but who looks at this looks for them.</summary>
    private const string Stale = "110 paas \"Response is Stale\", 111 paas \"Revalidation Failed\"";

    /// <summary>Somebody waits, and there is an answer that was good a while ago.</summary>
    private static readonly TimeSpan RevalidationPatience = TimeSpan.FromSeconds(10);

    /// <summary>After one that failed; each pull would wait for the next otherwise.</summary>
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(30);

    private readonly UpstreamFlights<string?> _flights = new(lifetime.ApplicationStopping);

    /// <summary>By name and tag: when to ask again, and whether the last answer was an old one. In memory: a control that starts asks once more.</summary>
    private readonly ConcurrentDictionary<string, (DateTimeOffset Until, bool IsStale)> _checked = new(StringComparer.Ordinal);

    /// <summary>Sees to it that the manifest is here, as the other registry has it, before it is answered as any other.</summary>
    /// <exception cref="RegistryError">MANIFEST_UNKNOWN, TOOMANYREQUESTS or UNAVAILABLE.</exception>
    public async Task PrepareAsync(RepositoryRequest request, Upstream upstream, Reference reference)
    {
        var key = $"{request.Name}:{reference}";
        var digest = Held(request.Key, reference);
        if (digest is null || (reference.Digest is null && !IsFresh(key)))
        {
            digest = await _flights.RunAsync(key, token => RefreshAsync(request.Key, request.Name, upstream, reference, key, token), request.Aborted);
        }

        if (reference.Digest is null && _checked.TryGetValue(key, out var last) && last.IsStale)
        {
            request.Context.Response.Headers.Warning = Stale;
        }

        if (digest is not null && registry.Find(request.Key) is { } repository)
        {
            store.Use(repository, digest);
        }
    }

    public async ValueTask DisposeAsync() => await _flights.EndedAsync();

    private string? Held(RepositoryKey key, Reference reference) => registry.Find(key) is { } repository ? registry.Manifest(repository, reference)?.Digest : null;

    private bool IsFresh(string key) => _checked.TryGetValue(key, out var known) && known.Until > time.GetUtcNow();

    /// <returns>The digest that is to be answered.</returns>
    private async Task<string?> RefreshAsync(RepositoryKey key, RepositoryName name, Upstream upstream, Reference reference, string flight, CancellationToken cancellationToken)
    {
        var held = Held(key, reference);

        // Another flight may have landed since it was looked at.
        if (held is not null && (reference.Digest is not null || IsFresh(flight)))
        {
            return held;
        }

        var remote = upstreams.Open(upstream, name);
        try
        {
            return held is null
                ? await FetchAsync(key, name, upstream, remote, reference, flight, cancellationToken)
                : await RevalidateAsync(key, name, upstream, remote, reference, held, flight, cancellationToken);
        }
        catch (RegistryClientException failed) when (held is not null && failed.Fault is RegistryFault.RateLimited or RegistryFault.Unreachable or RegistryFault.BadAnswer)
        {
            LogStale(failed, name, reference);
            Remember(flight, Max(failed.RetryAfter ?? TimeSpan.Zero, RetryAfterFailure), isStale: true);
            return held;
        }
        catch (RegistryClientException failed)
        {
            throw RegistryError.OfUpstream(upstream.Name, failed, () => RegistryError.ManifestUnknown(reference));
        }
    }

    private async Task<string?> RevalidateAsync(
        RepositoryKey key, RepositoryName name, Upstream upstream, RemoteRepository remote, Reference reference, string held, string flight, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(RevalidationPatience);
        Digest? now;
        try
        {
            now = await remote.DigestOfAsync(reference, patience.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RegistryClientException(RegistryFault.Unreachable, string.Create(CultureInfo.InvariantCulture, $"{upstream.Name} did not answer within {RevalidationPatience.TotalSeconds} s."), late);
        }

        if (now is null)
        {
            store.Forget(registry.Open(key), reference.Tag!.Value);
            throw RegistryError.ManifestUnknown(reference);
        }

        if (now.Value.ToString() != held)
        {
            return await FetchAsync(key, name, upstream, remote, reference, flight, cancellationToken);
        }

        Remember(flight, upstream.Revalidate, isStale: false);
        return held;
    }

    private async Task<string?> FetchAsync(
        RepositoryKey key, RepositoryName name, Upstream upstream, RemoteRepository remote, Reference reference, string flight, CancellationToken cancellationToken)
    {
        limits.CheckDisk();
        var manifest = await remote.FindManifestAsync(reference, cancellationToken) ?? throw RegistryError.ManifestUnknown(reference);
        try
        {
            store.Put(key, upstream, manifest, reference.Tag);
        }
        catch (RegistryError malformed)
        {
            throw RegistryError.UpstreamUnavailable($"{upstream.Name} sent no manifest for {name} that can be kept: {malformed.Message}");
        }

        Remember(flight, upstream.Revalidate, isStale: false);
        return manifest.Digest.ToString();
    }

    private void Remember(string flight, TimeSpan span, bool isStale)
    {
        if (_checked.Count >= MostRemembered)
        {
            _checked.Clear();
        }

        _checked[flight] = (time.GetUtcNow() + span, isStale);
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    [LoggerMessage(LogLevel.Warning, "{Name}:{Reference} could not be looked up at its registry: what is here is served")]
    private partial void LogStale(Exception exception, RepositoryName name, Reference reference);
}
