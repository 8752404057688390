using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;
using Paas.Oci;

namespace Paas.Edge;

/// <summary>An answer of control that the edge may repeat: a blob's or a manifest's.</summary>
/// <param name="Epoch">Of control's database, before control looked at the request.</param>
/// <param name="Expires">By the cache's clock.</param>
/// <param name="Headers">As the client gets them, without length and date.</param>
/// <param name="Blob">Null: the answer is <paramref name="Content"/>, whatever part of it was asked for.</param>
/// <param name="Content">The whole of it; null: a blob that is read from its file.</param>
internal sealed record Grant(long Epoch, long Expires, IReadOnlyList<KeyValuePair<string, StringValues>> Headers, Digest? Blob, byte[]? Content)
{
    /// <summary>Bytes; of larger blobs the file is read, of larger manifests control is asked.</summary>
    public const int MaxContent = 64 << 10;

    /// <summary>Reads the header in which control offers it.</summary>
    /// <returns>False: nothing, or nothing that can be read, was offered.</returns>
    public static bool TryReadOffer(HttpResponseHeaders headers, out long epoch, out TimeSpan hold)
    {
        (epoch, hold) = (0, default);
        if (!headers.NonValidated.TryGetValues(BlobDelivery.GrantHeader, out var values)
            || values.ToString().Split(' ') is not [var first, var second]
            || !long.TryParse(first, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out epoch)
            || !int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            return false;
        }

        hold = TimeSpan.FromMilliseconds(milliseconds);
        return true;
    }

    /// <summary>What of control's answer goes to every client of the grant.</summary>
    public static IReadOnlyList<KeyValuePair<string, StringValues>> HeadersOf(IHeaderDictionary headers) =>
        [.. headers.Where(static header => header.Key is not ("Date" or "Content-Length"))];
}
