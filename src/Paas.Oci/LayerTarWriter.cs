using System.Globalization;
using System.Text;

namespace Paas.Oci;

/// <summary>Writes tar headers in normal form: POSIX ustar, no user or group names, one fixed time, and a pax header only for what ustar cannot say.</summary>
internal sealed class LayerTarWriter(Stream output)
{
    /// <summary>1980-01-01T00:00:01Z in seconds since 1970: the time of everything in a layer (CNB platform spec, "Reproducibility").</summary>
    public const long NormalTime = 315532801;

    private const int BlockSize = 512;
    private const long MaxOctalSize = (1L << 33) - 1;
    private const uint MaxOctalId = (1u << 21) - 1;

    private readonly byte[] _block = new byte[BlockSize];

    public void Directory(EntryName name, uint uid, uint gid, uint mode) => Header('5', [.. name.Bytes, (byte)'/'], [], uid, gid, mode, 0);

    public void Symlink(EntryName name, ReadOnlySpan<byte> target, uint uid, uint gid) => Header('2', name.Bytes, target, uid, gid, 0x1FF, 0);

    /// <summary>Its content is the caller's to write, and then <see cref="EndFile"/>.</summary>
    public void File(EntryName name, long size, uint uid, uint gid, uint mode) => Header('0', name.Bytes, [], uid, gid, mode, size);

    public void EndFile(long size) => Pad(size);

    /// <summary>Two blocks of zeros.</summary>
    public void Finish()
    {
        _block.AsSpan().Clear();
        output.Write(_block);
        output.Write(_block);
    }

    private void Header(char type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> link, uint uid, uint gid, uint mode, long size)
    {
        var pax = new MemoryStream();
        var split = SplitAt(name);
        Extend(pax, "path", name, split < 0);
        Extend(pax, "linkpath", link, link.Length > 100 || !Ascii.IsValid(link));
        Extend(pax, "size", Text(size), size > MaxOctalSize);
        Extend(pax, "uid", Text(uid), uid > MaxOctalId);
        Extend(pax, "gid", Text(gid), gid > MaxOctalId);
        if (pax.Length > 0)
        {
            Block('x', "pax"u8, [], [], 0, 0, 0x1A4, pax.Length);
            output.Write(pax.GetBuffer().AsSpan(0, (int)pax.Length));
            Pad(pax.Length);
        }

        var prefix = split > 0 ? name[..split] : [];
        var last = split > 0 ? name[(split + 1)..] : name[..Math.Min(100, name.Length)];
        Block(type, last, prefix, link[..Math.Min(100, link.Length)], uid <= MaxOctalId ? uid : 0, gid <= MaxOctalId ? gid : 0, mode, size <= MaxOctalSize ? size : 0);
    }

    private void Block(char type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> link, uint uid, uint gid, uint mode, long size)
    {
        var block = _block.AsSpan();
        block.Clear();
        name.CopyTo(block);
        Octal(block.Slice(100, 8), mode);
        Octal(block.Slice(108, 8), uid);
        Octal(block.Slice(116, 8), gid);
        Octal(block.Slice(124, 12), size);
        Octal(block.Slice(136, 12), NormalTime);
        block.Slice(148, 8).Fill((byte)' ');
        block[156] = (byte)type;
        link.CopyTo(block[157..]);
        "ustar\u000000"u8.CopyTo(block[257..]);
        prefix.CopyTo(block[345..]);
        var sum = 0;
        foreach (var value in block)
        {
            sum += value;
        }

        Octal(block.Slice(148, 7), sum);
        output.Write(_block);
    }

    /// <summary>Where ustar cuts a name into prefix (155 bytes) and name (100): 0 uncut, -1 impossible.</summary>
    private static int SplitAt(ReadOnlySpan<byte> name)
    {
        if (!Ascii.IsValid(name))
        {
            return -1;
        }

        if (name.Length <= 100)
        {
            return 0;
        }

        // A directory's own last slash is no place to cut.
        var cut = name[..Math.Min(156, name.Length - 1)].LastIndexOf((byte)'/');
        return cut > 0 && name.Length - cut - 1 <= 100 ? cut : -1;
    }

    private static void Extend(MemoryStream pax, string key, ReadOnlySpan<byte> value, bool needed)
    {
        if (!needed)
        {
            return;
        }

        // "length key=value\n", where length counts its own digits.
        var rest = key.Length + value.Length + 3;
        var length = rest + Digits(rest);
        length = rest + Digits(length);
        pax.Write(Encoding.ASCII.GetBytes($"{length} {key}="));
        pax.Write(value);
        pax.WriteByte((byte)'\n');

        static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;
    }

    private static byte[] Text(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Zero-padded and closed by the zero byte that the cleared block has.</summary>
    private static void Octal(Span<byte> field, long value)
    {
        for (var index = field.Length - 2; index >= 0; index--)
        {
            field[index] = (byte)('0' + (value & 7));
            value >>= 3;
        }

        field[^1] = 0;
    }

    private void Pad(long size)
    {
        _block.AsSpan().Clear();
        output.Write(_block, 0, (int)(-size & (BlockSize - 1)));
    }
}
