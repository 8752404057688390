using System.Globalization;

namespace Paas.Oci;

/// <summary>The part of a blob that a request asks for (RFC 9110, 14.2).</summary>
/// <param name="Offset">Of the first byte.</param>
/// <param name="Count">Bytes.</param>
public readonly record struct ByteRange(long Offset, long Count)
{
    private const string Unit = "bytes=";

    /// <summary>Content-Range of a 206.</summary>
    public string Of(long size) => string.Create(CultureInfo.InvariantCulture, $"bytes {Offset}-{Offset + Count - 1}/{size}");

    /// <summary>Content-Range of a 416.</summary>
    public static string Unsatisfied(long size) => string.Create(CultureInfo.InvariantCulture, $"bytes */{size}");

    /// <summary>The Range header, or null when If-Range names other content than there is (RFC 9110, 13.1.5): then everything is sent.</summary>
    public static string? Asked(string? range, string? ifRange, string? entityTag) => string.IsNullOrEmpty(ifRange) || ifRange == entityTag ? range : null;

    /// <summary>Null: send everything (no header, another unit, several ranges). False: nothing of it can be sent, answer 416.</summary>
    /// <param name="header">The Range header.</param>
    /// <param name="size">Of the blob, bytes.</param>
    public static bool TryParse(string? header, long size, out ByteRange? range)
    {
        range = null;
        if (header is null || !header.StartsWith(Unit, StringComparison.Ordinal) || header.Contains(',', StringComparison.Ordinal)
            || header[Unit.Length..].Split('-') is not [var first, var last])
        {
            return true;
        }

        if (!TryNumber(first, out var from) || !TryNumber(last, out var to) || (from, to) is (null, null))
        {
            return true;
        }

        var start = from ?? Math.Max(0, size - to!.Value);
        var end = from is null ? size - 1 : Math.Min(to ?? long.MaxValue, size - 1);
        if (start > end)
        {
            return false;
        }

        range = new ByteRange(start, end - start + 1);
        return true;
    }

    private static bool TryNumber(string text, out long? number)
    {
        var good = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        number = good ? value : null;
        return good || text.Length == 0;
    }
}
