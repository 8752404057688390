using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Paas.Oci;

/// <summary>Reads the tars that layers are: POSIX ustar and pax (IEEE Std 1003.1, "pax, Extended Description") and GNU's long names and large numbers.
/// Names stay bytes, and a header can claim no more memory than <see cref="MaxExtended"/>: System.Formats.Tar promises neither.</summary>
internal sealed class LayerTarReader(TarInput input)
{
    private const int BlockSize = 512;

    /// <summary>Bytes of one pax or GNU long-name header.</summary>
    private const int MaxExtended = 1 << 20;

    private readonly byte[] _block = new byte[BlockSize];
    private long _unread;
    private int _padding;

    /// <summary>The next entry, or null at the end. What was not read of the one before is skipped.</summary>
    /// <exception cref="InvalidDataException">Not a tar, or one with sparse files.</exception>
    public TarEntry? Read()
    {
        Dictionary<string, byte[]>? pax = null;
        byte[]? longName = null, longLink = null;
        while (true)
        {
            input.Skip(_unread + _padding);
            (_unread, _padding) = (0, 0);
            if (!input.TryFill(_block) || !_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                return null;
            }

            VerifyChecksum();
            var type = (char)_block[156];
            var size = Number(_block.AsSpan(124, 12));
            switch (type)
            {
                case 'x':
                    pax = ReadPax(Extended(size));
                    continue;
                case 'g':
                    Extended(size);
                    continue;
                case 'L':
                    longName = UpToZero(Extended(size)).ToArray();
                    continue;
                case 'K':
                    longLink = UpToZero(Extended(size)).ToArray();
                    continue;
                default:
                    return Entry(type, size, pax ?? [], longName, longLink);
            }
        }
    }

    /// <summary>The next piece of the current entry's content, valid until the next call; empty at its end.</summary>
    public ReadOnlySpan<byte> ReadContent()
    {
        if (_unread == 0)
        {
            return [];
        }

        var piece = input.Next(_unread);
        _unread -= piece.IsEmpty ? throw TarInput.CutOff() : piece.Length;
        return piece;
    }

    private TarEntry Entry(char type, long size, Dictionary<string, byte[]> pax, byte[]? longName, byte[]? longLink)
    {
        if (type == 'S' || pax.Keys.Any(key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal)))
        {
            throw new InvalidDataException("The layer is refused: it has sparse files (make the tar without --sparse).");
        }

        var name = pax.GetValueOrDefault("path") ?? longName ?? HeaderName();
        var kind = type switch
        {
            '0' or '\0' or '7' => name.AsSpan().EndsWith("/"u8) ? TarKind.Directory : TarKind.File,
            '1' => TarKind.HardLink,
            '2' => TarKind.Symlink,
            '5' => TarKind.Directory,
            _ => TarKind.Special,
        };
        // Only what this reader does not know may have content besides files; links and directories have none, whatever they say.
        size = pax.TryGetValue("size", out var text) ? Decimal(text) : size;
        size = kind == TarKind.File || (kind == TarKind.Special && type is not ('3' or '4' or '6')) ? size : 0;
        if (size < 0)
        {
            throw Malformed("a negative size");
        }

        (_unread, _padding) = (size, (int)(-size & (BlockSize - 1)));
        var (seconds, nanoseconds) = pax.TryGetValue("mtime", out var time) ? Time(time) : (Number(_block.AsSpan(136, 12)), 0);
        var metadata = new EntryMetadata(
            Id(pax.TryGetValue("uid", out var uid) ? Decimal(uid) : Number(_block.AsSpan(108, 8))),
            Id(pax.TryGetValue("gid", out var gid) ? Decimal(gid) : Number(_block.AsSpan(116, 8))),
            (uint)Number(_block.AsSpan(100, 8)) & 0xFFF,
            seconds,
            nanoseconds);
        var link = kind is TarKind.HardLink or TarKind.Symlink ? pax.GetValueOrDefault("linkpath") ?? longLink ?? UpToZero(_block.AsSpan(157, 100)).ToArray() : [];
        return new TarEntry(kind, type, name, link, metadata, kind == TarKind.File ? size : 0, Attributes(pax));
    }

    private byte[] HeaderName()
    {
        var name = UpToZero(_block.AsSpan(0, 100));
        // GNU's magic is "ustar  ": it keeps other things where POSIX has the prefix.
        var prefix = _block.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? UpToZero(_block.AsSpan(345, 155)) : [];
        return prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name];
    }

    private byte[] Extended(long size)
    {
        if (size is < 0 or > MaxExtended)
        {
            throw Malformed($"an extended header of {size} bytes");
        }

        var content = new byte[size];
        if (size > 0 && !input.TryFill(content))
        {
            throw TarInput.CutOff();
        }

        input.Skip(-size & (BlockSize - 1));
        return content;
    }

    /// <summary>Records of "length key=value\n", the length counting itself.</summary>
    private static Dictionary<string, byte[]> ReadPax(ReadOnlySpan<byte> records)
    {
        var pax = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        while (!records.IsEmpty)
        {
            var space = records.IndexOf((byte)' ');
            if (space < 1 || !int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1 || length > records.Length || records[length - 1] != '\n')
            {
                throw Malformed("a bad pax header");
            }

            var record = records[(space + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals < 1)
            {
                throw Malformed("a bad pax header");
            }

            pax[Encoding.UTF8.GetString(record[..equals])] = record[(equals + 1)..].ToArray();
            records = records[length..];
        }

        return pax;
    }

    private static List<(string Name, byte[] Value)> Attributes(Dictionary<string, byte[]> pax)
    {
        const string prefix = "SCHILY.xattr.";
        return [.. pax.Where(record => record.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(record => (record.Key[prefix.Length..], record.Value))];
    }

    /// <summary>The sum of all bytes, its own field counted as spaces.</summary>
    private void VerifyChecksum()
    {
        var (plain, signed) = (0, 0);
        for (var index = 0; index < BlockSize; index++)
        {
            var value = index is >= 148 and < 156 ? (byte)' ' : _block[index];
            plain += value;
            signed += (sbyte)value;
        }

        if (Number(_block.AsSpan(148, 8)) is var sum && sum != plain && sum != signed)
        {
            throw Malformed("a wrong header checksum");
        }
    }

    /// <summary>Octal text, or GNU's base 256 when the first bit is set.</summary>
    private static long Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            var high = field[..^8];
            var fits = field[0] == 0xFF ? !high.ContainsAnyExcept((byte)0xFF) : field[0] == 0x80 && !high[Math.Min(1, high.Length)..].ContainsAnyExcept((byte)0);
            if (field.Length == 8)
            {
                // No byte to spare: the mark is the sign's neighbour.
                var raw = BinaryPrimitives.ReadInt64BigEndian(field);
                return field[0] == 0xFF ? raw : raw & long.MaxValue;
            }

            return fits ? BinaryPrimitives.ReadInt64BigEndian(field[^8..]) : throw Malformed("a number out of range");
        }

        var value = 0L;
        foreach (var digit in field.Trim(" \0"u8))
        {
            value = digit is >= (byte)'0' and <= (byte)'7' ? (value << 3) | (uint)(digit - '0') : throw Malformed("a number that is not octal");
        }

        return value;
    }

    private static long Decimal(ReadOnlySpan<byte> text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : throw Malformed("a bad number in a pax header");

    private static (long Seconds, long Nanoseconds) Time(ReadOnlySpan<byte> text)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var time)
            || time is < -1e12m or > 1e12m)
        {
            throw Malformed("a bad time in a pax header");
        }

        var seconds = decimal.Floor(time);
        return ((long)seconds, (long)((time - seconds) * 1_000_000_000));
    }

    // -1 means "leave as it is" to chown(2).
    private static uint Id(long value) => value is >= 0 and < uint.MaxValue ? (uint)value : throw Malformed("an owner out of range");

    private static ReadOnlySpan<byte> UpToZero(ReadOnlySpan<byte> field) => field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field;

    private static InvalidDataException Malformed(string what) => new($"The layer is refused: its tar has {what}.");
}
