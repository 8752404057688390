using Paas.Oci;

namespace Paas.Registry;

/// <summary>What a token is for: rights per repository, from scopes like "repository:hello/worker:pull,push"
/// (distribution: "Token Scope Documentation").</summary>
/// <remarks>Other types of scope and actions nobody knows are passed over: a client that asks for too much gets less, never an error.</remarks>
internal sealed class TokenScopes
{
    /// <summary>Scopes of one request: a push with mounts from a few repositories needs a handful.</summary>
    private const int Most = 100;

    public static readonly TokenScopes None = new([]);

    private readonly Dictionary<string, RegistryRights> _rights;

    private TokenScopes(Dictionary<string, RegistryRights> rights) => _rights = rights;

    public IReadOnlyCollection<KeyValuePair<string, RegistryRights>> Items => _rights;

    public RegistryRights Of(RepositoryName name) => _rights.GetValueOrDefault(name.ToString());

    public static TokenScopes Of(IEnumerable<KeyValuePair<string, RegistryRights>> items) => new(new Dictionary<string, RegistryRights>(items, StringComparer.Ordinal));

    /// <param name="scopes">Each may itself be several, joined by spaces (OAuth 2.0, RFC 6749, 3.3). Repeats are merged.</param>
    public static TokenScopes Parse(IEnumerable<string?> scopes)
    {
        var rights = new Dictionary<string, RegistryRights>(StringComparer.Ordinal);
        foreach (var scope in scopes.SelectMany(static text => (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Take(Most))
        {
            // The name may have a host with a port before it, which no repository here has: it does not parse and is passed over.
            if (scope.Split(':', 2) is not ["repository" or "repository(plugin)", var rest]
                || rest.LastIndexOf(':') is not (> 0 and var colon)
                || !RepositoryName.TryParse(rest[..colon], out var name))
            {
                continue;
            }

            rights[name.ToString()] = rights.GetValueOrDefault(name.ToString()) | Actions(rest[(colon + 1)..]);
        }

        return new TokenScopes(rights);
    }

    /// <summary>Asked minus what is not allowed.</summary>
    /// <param name="allowed">What the caller may do with a repository.</param>
    public TokenScopes Within(Func<RepositoryName, RegistryRights> allowed) => new(_rights
        .Select(item => KeyValuePair.Create(item.Key, item.Value & allowed(RepositoryName.Parse(item.Key))))
        .Where(item => item.Value != RegistryRights.None)
        .ToDictionary(StringComparer.Ordinal));

    /// <summary>As one scope parameter: "repository:a:pull repository:b:pull,push".</summary>
    public override string ToString() => string.Join(' ', _rights.Select(item => $"repository:{item.Key}:{item.Value.Words()}"));

    private static RegistryRights Actions(string text) => text.Split(',').Aggregate(RegistryRights.None, static (sum, action) => sum | action switch
    {
        "pull" => RegistryRights.Pull,
        "push" => RegistryRights.Push,
        "delete" => RegistryRights.Delete,
        "*" => RegistryRights.All,
        _ => RegistryRights.None,
    });
}
