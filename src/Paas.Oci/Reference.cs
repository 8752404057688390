using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Paas.Oci;

/// <summary>A tag: 1 to 128 letters, digits, '_', '.' and '-' (distribution-spec v1.1, "Pulling manifests"). One that parsed is well formed.</summary>
public readonly partial record struct Tag
{
    private readonly string? _text;

    private Tag(string text) => _text = text;

    [GeneratedRegex(@"^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar { get; }

    public static bool TryParse([NotNullWhen(true)] string? text, out Tag tag)
    {
        var good = text is not null && Grammar.IsMatch(text);
        tag = good ? new Tag(text!) : default;
        return good;
    }

    /// <exception cref="FormatException">Not a tag.</exception>
    public static Tag Parse(string text) => TryParse(text, out var tag) ? tag : throw new FormatException($"'{text}' cannot be a tag.");

    public override string ToString() => _text ?? throw new InvalidOperationException("A tag that was never set.");
}

/// <summary>What names a manifest in its repository: a tag or a digest, never both.</summary>
public readonly record struct Reference
{
    private Reference(Tag? tag, Digest? digest) => (Tag, Digest) = (tag, digest);

    public Tag? Tag { get; }

    public Digest? Digest { get; }

    public static Reference Of(Tag tag) => new(tag, null);

    public static Reference Of(Digest digest) => new(null, digest);

    public static bool TryParse([NotNullWhen(true)] string? text, out Reference reference)
    {
        if (Oci.Digest.TryParse(text, out var digest))
        {
            reference = Of(digest);
            return true;
        }

        var good = Oci.Tag.TryParse(text, out var tag);
        reference = good ? Of(tag) : default;
        return good;
    }

    public override string ToString() => Digest?.ToString() ?? Tag?.ToString() ?? throw new InvalidOperationException("A reference that was never set.");
}
