using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Paas.Accounts;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>The OCI distribution API under /v2/ (distribution-spec v1.1). Names may have slashes, so one endpoint takes every path and <see cref="RegistryPath"/> reads it.</summary>
/// <remarks>It authenticates by itself, because docker and skopeo want the spec's answers and only know Basic. Another team's
/// repository is unknown (trust rule 5).</remarks>
internal sealed class RegistryEndpoints(RegistryAccess access, RegistryStore store, BlobEndpoints blobs, UploadEndpoints uploads, ManifestEndpoints manifests)
{
    public static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    public async Task Handle(HttpContext context)
    {
        context.Response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
        try
        {
            await Route(context);
        }
        catch (RegistryError error) when (!context.Response.HasStarted)
        {
            await Answer(context, error);
        }
        catch (BadHttpRequestException) when (!context.Response.HasStarted)
        {
            // The client went away in the middle of a body; nobody reads this.
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
    }

    private async Task Route(HttpContext context)
    {
        var caller = Authenticate(context.Request.Headers.Authorization) ?? throw RegistryError.Unauthorized();
        var path = RegistryPath.Parse(context.Request.Path.Value!["/v2/".Length..]);
        if (path is not RegistryPath.InRepository { Name: var name })
        {
            await context.Response.WriteAsJsonAsync(new Dictionary<string, string>(), RegistryJson.Default.DictionaryStringString, cancellationToken: context.RequestAborted);
            return;
        }

        // Images have no limit that a request has; uploads watch their own.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var key = access.Resolve(caller, name) ?? throw RegistryError.NameUnknown(name);
        var repository = new RepositoryRequest(context, name, key, store);
        await ((context.Request.Method, path) switch
        {
            ("GET" or "HEAD", RegistryPath.Blob blob) => blobs.Get(repository, blob.Digest),
            ("POST", RegistryPath.Uploads) => uploads.Start(repository, from => access.Resolve(caller, from)),
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
    }

    /// <summary>Basic with any user name, or Bearer; the token is the same.</summary>
    private Caller? Authenticate(StringValues header)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out var credentials) || credentials.Parameter is not { } parameter)
        {
            return null;
        }

        if (credentials.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return access.Authenticate(parameter);
        }

        var decoded = new byte[parameter.Length];
        return credentials.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)
            && Convert.TryFromBase64String(parameter, decoded, out var length)
            && Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2) is [_, var password]
            ? access.Authenticate(password)
            : null;
    }

    private static async Task Answer(HttpContext context, RegistryError error)
    {
        context.Response.StatusCode = error.Status;
        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"paas\"";
        }

        await context.Response.WriteAsJsonAsync(error.ToBody(), RegistryJson.Default.ErrorList, cancellationToken: context.RequestAborted);
    }
}

/// <summary>A request about a repository that the caller may use.</summary>
internal sealed record RepositoryRequest(HttpContext Context, RepositoryName Name, RepositoryKey Key, RegistryStore Store)
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
