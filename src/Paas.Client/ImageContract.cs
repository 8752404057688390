namespace Paas.Client;

// Images that were not built here, and logins at the registries that they come from.

/// <summary>POST /apps/{app}/deploys.</summary>
/// <param name="Image">"ghcr.io/team/app:1.2", "nginx", "registry.example.com/app:main", ":main" or a digest of the app's own.</param>
public sealed record DeployImage(string Image)
{
    /// <summary>Deploy every new image under its tag too.</summary>
    public bool Follow { get; init; }
}

/// <summary>GET and DELETE /apps/{app}/followed-image.</summary>
/// <param name="Image">As it was written.</param>
/// <param name="Digest">What was deployed last; null before the first.</param>
/// <param name="Actor">Who wished it.</param>
/// <param name="LookedAt">Null before the first look.</param>
/// <param name="Problem">Why the last look failed; null: it went well.</param>
public sealed record FollowedImageView(string Image, string? Digest, string Actor, DateTimeOffset? LookedAt, string? Problem);

/// <summary>GET /registry-credentials; DELETE /registry-credentials/{host}.</summary>
/// <param name="Actor">Who gave it.</param>
public sealed record RegistryLoginView(string Host, string Username, string Actor, DateTimeOffset UpdatedAt);

/// <summary>PUT /registry-credentials/{host}.</summary>
public sealed record SetRegistryLogin(string Username, string Password)
{
    /// <summary>Ask without TLS: only on this machine and in private networks.</summary>
    public bool PlainHttp { get; init; }
}
