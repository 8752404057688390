namespace Paas.Client;

/// <summary>GET /registry/tokens: tokens of the team that open the registry only, for CI and other machines.</summary>
/// <param name="Kind">"robot", or "node" for a server of the platform, which pulls what runs there.</param>
/// <param name="Repositories">Names, or patterns with '*' for any characters; empty for a node.</param>
/// <param name="Rights">Of pull, push and delete.</param>
/// <param name="ExpiresAt">Null: never.</param>
public sealed record RegistryTokenView(
    string Name,
    string Kind,
    IReadOnlyList<string> Repositories,
    IReadOnlyList<string> Rights,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt);

/// <summary>POST /registry/tokens.</summary>
/// <param name="Repositories">1 to 20 names, or patterns with '*' for any characters: "hello", "hello/*", "ci-*".</param>
/// <param name="Rights">One or more of pull, push and delete.</param>
/// <param name="ExpiresInSeconds">Null: it does not expire.</param>
public sealed record CreateRegistryToken(string Name, IReadOnlyList<string> Repositories, IReadOnlyList<string> Rights, long? ExpiresInSeconds);

/// <summary>Answer to POST /registry/tokens: the only time the token is shown.</summary>
/// <param name="Registry">What docker login and image names begin with: "registry.example.com".</param>
public sealed record CreatedRegistryToken(string Name, string Token, string Registry, DateTimeOffset? ExpiresAt);
