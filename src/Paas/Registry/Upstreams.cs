using System.Collections.Concurrent;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>Which names are those of other registries, and the way there.</summary>
internal sealed class Upstreams(UpstreamOptions options, RegistryClient client)
{
    /// <summary>Each remembers an access token: many names by one caller must not fill the memory.</summary>
    private const int MostOpen = 1000;

    private readonly Dictionary<string, Upstream> _byName = options.Upstreams.ToDictionary(upstream => upstream.Name, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<RepositoryName, RemoteRepository> _open = new();

    /// <summary>Null: the name is one of this registry's own.</summary>
    public Upstream? Of(RepositoryName name) => name.Rest.Length > 0 ? _byName.GetValueOrDefault(name.First) : null;

    /// <param name="name">Of an upstream.</param>
    /// <exception cref="RegistryError">NAME_UNKNOWN: it cannot be the name of a repository there.</exception>
    public RemoteRepository Open(Upstream upstream, RepositoryName name)
    {
        if (_open.TryGetValue(name, out var known))
        {
            return known;
        }

        if (_open.Count >= MostOpen)
        {
            _open.Clear();
        }

        try
        {
            return _open.GetOrAdd(name, client.Open(upstream.ImageOf(name.Rest), upstream.Credentials));
        }
        catch (FormatException)
        {
            throw RegistryError.NameUnknown(name);
        }
    }

    /// <summary>What the request is about. containerd says beside a mirror's address whose image it means (spec.md after 1.1.1, "Registry proxying": ns).</summary>
    /// <exception cref="RegistryError">As <see cref="RegistryPath.Parse"/>; NAME_UNKNOWN: of a registry that this one is no cache of, never of our own.</exception>
    public RegistryPath PathOf(HttpRequest request)
    {
        var path = RegistryPath.Parse(request.Path.Value is { Length: > 4 } text ? text["/v2/".Length..] : "");
        if (path is not RegistryPath.InRepository { Name: var name } inside || request.Query["ns"] is not [{ Length: > 0 } ns])
        {
            return path;
        }

        if (ns.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase))
        {
            return path;
        }

        return _byName.ContainsKey(ns) && RepositoryName.TryParse($"{ns}/{name}", out var whole) ? inside with { Name = whole } : throw RegistryError.NameUnknown(name);
    }
}
