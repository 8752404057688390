using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Paas.Oci;

/// <summary>Digest of stored bytes: "sha256:..." or "sha512:..." (OCI image-spec v1.1, descriptor.md, "Digests").
/// One that parsed is well formed.</summary>
[JsonConverter(typeof(DigestJsonConverter))]
public readonly record struct Digest
{
    private readonly string? _text;

    private Digest(string text) => _text = text;

    private string Text => _text ?? throw new InvalidOperationException("A digest that was never set.");

    /// <summary>"sha256" or "sha512".</summary>
    public string Algorithm => Text[..6];

    /// <summary>Lower-case hex, 64 or 128 characters.</summary>
    public string Hex => Text[7..];

    /// <exception cref="FormatException">Not a digest of a known algorithm.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException($"'{text}' is not a sha256 or sha512 digest.");

    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        if (text is null || text.Length < 8 || text[6] != ':')
        {
            return false;
        }

        var length = text[..6] switch { "sha256" => 64, "sha512" => 128, _ => -1 };
        if (text.Length != 7 + length || text.AsSpan(7).ContainsAnyExcept("0123456789abcdef"))
        {
            return false;
        }

        digest = new Digest(text);
        return true;
    }

    /// <summary>Of the given hash, 32 bytes for sha256 and 64 for sha512.</summary>
    public static Digest FromHash(ReadOnlySpan<byte> hash) =>
        new($"{(hash.Length == 32 ? "sha256" : "sha512")}:{Convert.ToHexStringLower(hash)}");

    /// <param name="algorithm">"sha256" or "sha512".</param>
    /// <returns>Takes the bytes of a digest; <see cref="FromHash"/> makes it of what comes out.</returns>
    public static IncrementalHash Hash(string algorithm) => IncrementalHash.CreateHash(algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);

    /// <summary>The sha256 digest of the bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> content) => FromHash(SHA256.HashData(content));

    /// <summary>The first 12 hex characters, as people see it.</summary>
    public string Short => Hex[..12];

    public override string ToString() => Text;
}

/// <summary>Digest of an uncompressed layer tar (OCI image-spec v1.1, config.md, "Layer DiffID").</summary>
[JsonConverter(typeof(DiffIdJsonConverter))]
public readonly record struct DiffId(Digest Digest)
{
    /// <exception cref="FormatException">Not a digest.</exception>
    public static DiffId Parse(string text) => new(Digest.Parse(text));

    public override string ToString() => Digest.ToString();
}

public sealed class DigestJsonConverter : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Digest.TryParse(reader.GetString(), out var digest) ? digest : throw new JsonException("Not a digest.");

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

public sealed class DiffIdJsonConverter : JsonConverter<DiffId>
{
    public override DiffId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Digest.TryParse(reader.GetString(), out var digest) ? new DiffId(digest) : throw new JsonException("Not a diff id.");

    public override void Write(Utf8JsonWriter writer, DiffId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
