using System.Text;

namespace Paas.Oci;

/// <summary>Name of an entry in a layer: relative, without ".", "..", empty parts or zero bytes; no bytes mean the root.
/// One that parsed can be joined below any directory.</summary>
internal readonly struct EntryName : IEquatable<EntryName>, IComparable<EntryName>
{
    /// <summary>PATH_MAX without its zero.</summary>
    public const int MaxLength = 4095;

    private const int MaxPart = 255;

    private readonly byte[]? _bytes;

    private EntryName(byte[] bytes) => _bytes = bytes;

    public static EntryName Root => default;

    public ReadOnlySpan<byte> Bytes => _bytes;

    public bool IsRoot => Bytes.IsEmpty;

    /// <summary>The directory that holds it.</summary>
    public EntryName Parent => Bytes.LastIndexOf((byte)'/') is > 0 and var slash ? new(Bytes[..slash].ToArray()) : Root;

    /// <summary>The part after the last '/'.</summary>
    public ReadOnlySpan<byte> Last => Bytes[(Bytes.LastIndexOf((byte)'/') + 1)..];

    /// <exception cref="InvalidDataException">Absolute, has "..", a zero byte, or is too long.</exception>
    public static EntryName Parse(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("/"u8))
        {
            throw Refused(text, "it is absolute");
        }

        if (text.Contains((byte)0))
        {
            throw Refused(text, "it has a zero byte");
        }

        if (text.Length > MaxLength)
        {
            throw Refused(text, $"it is longer than {MaxLength} bytes");
        }

        var result = new byte[text.Length];
        var length = 0;
        foreach (var range in text.Split((byte)'/'))
        {
            var part = text[range];
            if (part.IsEmpty || part.SequenceEqual("."u8))
            {
                continue;
            }

            if (part.SequenceEqual(".."u8))
            {
                throw Refused(text, "it has '..'");
            }

            if (part.Length > MaxPart)
            {
                throw Refused(text, $"a part of it is longer than {MaxPart} bytes");
            }

            if (length > 0)
            {
                result[length++] = (byte)'/';
            }

            part.CopyTo(result.AsSpan(length));
            length += part.Length;
        }

        return new(result[..length]);
    }

    /// <summary>As a layer names it: below the root of the image, also with a '/' in front (pack and the reference lifecycle write names so;
    /// containerd and Docker read them so).</summary>
    /// <exception cref="InvalidDataException">As <see cref="Parse(ReadOnlySpan{byte})"/>.</exception>
    public static EntryName InLayer(ReadOnlySpan<byte> text) => Parse(text.TrimStart((byte)'/'));

    public static EntryName Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    /// <exception cref="InvalidDataException">The result is too long.</exception>
    public EntryName Join(ReadOnlySpan<byte> more) => IsRoot ? Parse(more) : more.IsEmpty ? this : Parse([.. Bytes, (byte)'/', .. more]);

    /// <summary>The same with another last part.</summary>
    public EntryName Sibling(ReadOnlySpan<byte> last) => Parent.Join(last);

    /// <summary>Depth first, parents before children: '/' sorts before everything.</summary>
    public int CompareTo(EntryName other)
    {
        var mine = Bytes;
        var theirs = other.Bytes;
        var common = mine.CommonPrefixLength(theirs);
        return common == mine.Length || common == theirs.Length
            ? mine.Length.CompareTo(theirs.Length)
            : Rank(mine[common]).CompareTo(Rank(theirs[common]));

        static int Rank(byte letter) => letter == '/' ? 0 : letter;
    }

    public bool Equals(EntryName other) => Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => obj is EntryName other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    public byte[] Terminated() => Posix.Terminated(IsRoot ? "."u8 : Bytes);

    /// <summary>For messages: control characters replaced, not too long.</summary>
    public override string ToString() => Show(Bytes);

    internal static string Show(ReadOnlySpan<byte> name)
    {
        var text = Encoding.UTF8.GetString(name[..Math.Min(name.Length, 200)]);
        return new string([.. text.Select(letter => char.IsControl(letter) ? '?' : letter)]) + (name.Length > 200 ? "..." : "");
    }

    private static InvalidDataException Refused(ReadOnlySpan<byte> name, string why) => new($"The entry '{Show(name)}' is refused: {why}.");
}
