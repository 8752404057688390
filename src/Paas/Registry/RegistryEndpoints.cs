using System.Globalization;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>The OCI distribution API under /v2/ (distribution-spec v1.1). Names may have slashes, so one endpoint takes every path and <see cref="RegistryPath"/> reads it.</summary>
/// <remarks>It authenticates by itself, because docker and skopeo want the spec's answers and only know Basic. Another team's
/// repository is unknown (trust rule 5).</remarks>
internal sealed class RegistryEndpoints(
    TokenCredentials credentials, RegistryAccess access, TokenChallenge challenge, RegistryAudit audit, RegistryStore store, BlobEndpoints blobs, UploadEndpoints uploads, ManifestEndpoints manifests, Grants grants,
    Upstreams upstreams, UpstreamCache cache)
{
    public static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    public async Task Handle(HttpContext context)
    {
        context.Response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
        grants.Offer(context);
        try
        {
            await Route(context);
        }
        catch (RegistryError error) when (!context.Response.HasStarted)
        {
            await Answer(context, error);
        }
        catch (Exception exception) when (RegistryError.IsDiskFull(exception) && !context.Response.HasStarted)
        {
            await Answer(context, RegistryError.DiskFull());
        }
        catch (BadHttpRequestException) when (!context.Response.HasStarted)
        {
            // Mostly the client went away in the middle of a body, and nobody reads this.
            await Answer(context, RegistryError.BodyCut());
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to answer.
        }
    }

    private async Task Route(HttpContext context)
    {
        var caller = credentials.Of(context);
        Grants.Limit(context, caller);
        var path = caller is RegistryCaller.Nobody { Scopes: null } ? PathOfNobody(context) : upstreams.PathOf(context.Request);
        if (path is RegistryPath.Catalog)
        {
            await DiscoveryEndpoints.Catalog(context, store, (team, other) => access.MayList(caller, team, other));
            return;
        }

        if (path is not RegistryPath.InRepository { Name: var name })
        {
            await context.Response.WriteAsJsonAsync(new Dictionary<string, string>(), RegistryJson.Default.DictionaryStringString, cancellationToken: context.RequestAborted);
            return;
        }

        var key = access.Require(context, caller, name, RegistryRightsWords.Needed(context.Request.Method, path));
        var repository = new RepositoryRequest(context, name, key, store, caller);
        if (await cache.TryAnswerAsync(repository, path))
        {
            return;
        }

        await ((context.Request.Method, path) switch
        {
            ("GET" or "HEAD", RegistryPath.Blob blob) => blobs.Get(repository, blob.Digest),
            ("DELETE", RegistryPath.Blob blob) => BlobEndpoints.Delete(repository, blob.Digest),
            ("POST", RegistryPath.Uploads) => uploads.Start(repository),
            ("GET", RegistryPath.Upload upload) => uploads.Status(repository, upload.Id),
            ("PATCH", RegistryPath.Upload upload) => uploads.Append(repository, upload.Id),
            ("PUT", RegistryPath.Upload upload) => uploads.Finish(repository, upload.Id),
            ("DELETE", RegistryPath.Upload upload) => uploads.Cancel(repository, upload.Id),
            ("GET" or "HEAD", RegistryPath.ManifestOf manifest) => ManifestEndpoints.Get(repository, manifest.Reference),
            ("PUT", RegistryPath.ManifestOf manifest) => manifests.Put(repository, manifest.Reference),
            ("DELETE", RegistryPath.ManifestOf manifest) => ManifestEndpoints.Delete(repository, manifest.Reference),
            ("GET", RegistryPath.Tags) => DiscoveryEndpoints.Tags(repository),
            ("GET", RegistryPath.Referrers referrers) => DiscoveryEndpoints.Referrers(repository, referrers.Digest),
            _ => throw RegistryError.Unsupported(),
        });
        audit.Answered(repository, path);
    }

    /// <summary>Who sent no credentials learns nothing but where to get a token, also of paths that are malformed.</summary>
    private RegistryPath.InRepository PathOfNobody(HttpContext context)
    {
        try
        {
            return upstreams.PathOf(context.Request) is RegistryPath.InRepository path ? path : throw RegistryError.Unauthorized(challenge.For(context, null));
        }
        catch (RegistryError error) when (error.Challenge is null)
        {
            throw RegistryError.Unauthorized(challenge.For(context, null));
        }
    }

    internal static async Task Answer(HttpContext context, RegistryError error)
    {
        context.Response.StatusCode = error.Status;
        if (error.Challenge is { } asked)
        {
            context.Response.Headers.WWWAuthenticate = asked;
        }

        if (error.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        await context.Response.WriteAsJsonAsync(error.ToBody(), RegistryJson.Default.ErrorList, cancellationToken: context.RequestAborted);
        if (error.Status != StatusCodes.Status408RequestTimeout)
        {
            await RequestBody.DiscardRestAsync(context);
        }
    }
}

/// <summary>A request about a repository that the caller may use.</summary>
internal sealed record RepositoryRequest(HttpContext Context, RepositoryName Name, RepositoryKey Key, RegistryStore Store, RegistryCaller Caller)
{
    public CancellationToken Aborted => Context.RequestAborted;

    /// <summary>For reads.</summary>
    /// <exception cref="RegistryError">NAME_UNKNOWN: nothing was pushed yet.</exception>
    public long Existing() => Store.Find(Key) ?? throw RegistryError.NothingPushed(Name);

    /// <summary>For pushes: made when it is missing.</summary>
    public long Opened() => Store.Open(Key);

    /// <summary>Locations are paths: an absolute URL made behind a TLS proxy would say http, and some clients drop their credentials at another host.</summary>
    public string Location(string rest) => $"/v2/{Name}/{rest}";
}
