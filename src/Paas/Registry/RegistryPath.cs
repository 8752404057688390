using Paas.Oci;

namespace Paas.Registry;

/// <summary>What a path below /v2/ means (distribution-spec v1.1, "Endpoints"). Read from the end, because a repository may itself be called "a/blobs/b".</summary>
internal abstract record RegistryPath
{
    private RegistryPath()
    {
    }

    /// <param name="rest">What follows "/v2/", decoded.</param>
    /// <exception cref="RegistryError">No such address, or a malformed name, tag or digest.</exception>
    public static RegistryPath Parse(string rest) => rest.Split('/') switch
    {
        [""] => new Ping(),
        ["_catalog"] => new Catalog(),
        [.. var name, "blobs", "uploads", ""] => new Uploads(ParseName(name)),
        [.. var name, "blobs", "uploads"] => new Uploads(ParseName(name)),
        [.. var name, "blobs", "uploads", var id] => new Upload(ParseName(name), id),
        [.. var name, "blobs", var digest] => new Blob(ParseName(name), ParseDigest(digest)),
        [.. var name, "manifests", var reference] => new ManifestOf(ParseName(name), ParseReference(reference)),
        [.. var name, "tags", "list"] => new Tags(ParseName(name)),
        [.. var name, "referrers", var digest] => new Referrers(ParseName(name), ParseDigest(digest)),
        _ => throw RegistryError.NotFound(),
    };

    private static RepositoryName ParseName(string[] parts) =>
        RepositoryName.TryParse(string.Join('/', parts), out var name) ? name : throw RegistryError.NameInvalid();

    private static Digest ParseDigest(string text) => Digest.TryParse(text, out var digest) ? digest : throw RegistryError.DigestMalformed();

    private static Reference ParseReference(string text)
    {
        if (Reference.TryParse(text, out var reference))
        {
            return reference;
        }

        // "sha256:xyz" was meant as a digest: no tag has a colon.
        throw text.Contains(':', StringComparison.Ordinal) ? RegistryError.DigestMalformed() : RegistryError.ReferenceInvalid();
    }

    public sealed record Ping : RegistryPath;

    /// <summary>Not of the specification, but what everybody asks for a list of repositories. No name begins with '_'.</summary>
    public sealed record Catalog : RegistryPath;

    /// <summary>Everything but those above is about one repository.</summary>
    public abstract record InRepository(RepositoryName Name) : RegistryPath;

    public sealed record Uploads(RepositoryName Name) : InRepository(Name);

    public sealed record Upload(RepositoryName Name, string Id) : InRepository(Name);

    public sealed record Blob(RepositoryName Name, Digest Digest) : InRepository(Name);

    public sealed record ManifestOf(RepositoryName Name, Reference Reference) : InRepository(Name);

    public sealed record Tags(RepositoryName Name) : InRepository(Name);

    public sealed record Referrers(RepositoryName Name, Digest Digest) : InRepository(Name);
}
