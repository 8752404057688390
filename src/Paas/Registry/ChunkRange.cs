using System.Globalization;

namespace Paas.Registry;

/// <summary>Content-Range of a chunk: "first-last", both inclusive (distribution-spec v1.1, "Pushing a blob in chunks").</summary>
/// <param name="First">Offset of its first byte.</param>
/// <param name="Count">Bytes.</param>
internal readonly record struct ChunkRange(long First, long Count)
{
    /// <summary>Null: the request does not say where its bytes belong, and goes on where the last one ended.</summary>
    /// <exception cref="RegistryError">BLOB_UPLOAD_INVALID: no such range.</exception>
    public static ChunkRange? Of(HttpRequest request)
    {
        var header = request.Headers.ContentRange.ToString();
        if (header.Length == 0)
        {
            return null;
        }

        if (header.Split('-') is not [var first, var last] || !TryNumber(first, out var from) || !TryNumber(last, out var to) || to < from)
        {
            throw RegistryError.ChunkRangeInvalid();
        }

        return new ChunkRange(from, to - from + 1);
    }

    /// <param name="length">Bytes of the body; null: not known yet.</param>
    /// <exception cref="RegistryError">SIZE_INVALID: the body has another length.</exception>
    public void Check(long? length)
    {
        if (length is { } known && known != Count)
        {
            throw RegistryError.ChunkLength(Count, known);
        }
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < long.MaxValue;
}
