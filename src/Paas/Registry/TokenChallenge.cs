using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>The WWW-Authenticate header that leads clients to the token endpoint (distribution: "Token Authentication Specification").</summary>
internal sealed class TokenChallenge(PlatformAddress address, Upstreams upstreams)
{
    /// <summary>What clients send back as "service": a token is for this registry alone anyway, by its key.</summary>
    public const string Name = "paas";

    /// <summary>With the scope that the request needs: containerd learns from the first answer what to ask for.</summary>
    /// <param name="error">RFC 6750, 3.1; null: no credentials were sent, or wrong ones.</param>
    /// <param name="source">A repository that a blob is to be mounted from, where the request does not say which.</param>
    public string For(HttpContext context, string? error, RepositoryName? source = null)
    {
        var scope = ScopeOf(context.Request, source);
        return $"Bearer realm=\"{Realm(context.Request)}\",service=\"{Name}\"{(scope is null ? "" : $",scope=\"{scope}\"")}{(error is null ? "" : $",error=\"{error}\"")}";
    }

    /// <summary>Null: the request is about no repository.</summary>
    private string? ScopeOf(HttpRequest request, RepositoryName? found)
    {
        RegistryPath path;
        try
        {
            path = upstreams.PathOf(request);
        }
        catch (RegistryError)
        {
            return null;
        }

        if (path is not RegistryPath.InRepository { Name: var name })
        {
            return null;
        }

        // Every client that pushes looks first what is there.
        var needed = RegistryRightsWords.Needed(request.Method, path);
        var scope = $"repository:{name}:{(needed | (needed == RegistryRights.Push ? RegistryRights.Pull : RegistryRights.None)).Words()}";
        var source = found ?? (needed == RegistryRights.Push && RepositoryName.TryParse(request.Query["from"], out var from) ? from : name);
        return source != name ? $"{scope} repository:{source}:pull" : scope;
    }

    /// <summary>Clients reach the registry by several names, and not all of them by each: so by the one they used, which the edge lets
    /// through only when it is the platform's own.</summary>
    private string Realm(HttpRequest request)
    {
        var host = request.Host is { HasValue: true, Value: { } asked } && !asked.AsSpan().ContainsAny('"', '\\') ? asked : address.BaseUrl.Authority;
        return $"{Scheme(request)}://{host}/v2/token";
    }

    /// <summary>Of our own edge, which alone comes over the Unix socket (trust rule 11); or of the address that was configured, where TLS ends before the edge.</summary>
    private string Scheme(HttpRequest request)
    {
        if (address.BaseUrl.Scheme == Uri.UriSchemeHttps)
        {
            return Uri.UriSchemeHttps;
        }

        var scheme = request.HttpContext.Connection.RemoteIpAddress is null ? request.Headers["X-Forwarded-Proto"].ToString() : request.Scheme;
        return scheme == Uri.UriSchemeHttps ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
    }
}
