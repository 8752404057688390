using System.Globalization;
using System.Text;

namespace Paas.Git;

/// <summary>git's framing: four hex digits of length, which count themselves, then the bytes (gitprotocol-common(5), "pkt-line Format").</summary>
internal static class PktLine
{
    public const int Longest = 65520;

    private const byte ProgressBand = 2;

    public static ReadOnlyMemory<byte> Flush { get; } = "0000"u8.ToArray();

    public static byte[] Of(string text) => Frame(Encoding.UTF8.GetBytes(text));

    /// <summary>A line that git prints as "remote: ..." (gitprotocol-pack(5), side-band-64k).</summary>
    public static byte[] Progress(string line) => Frame([ProgressBand, .. Encoding.UTF8.GetBytes(line + "\n")]);

    /// <summary>The next packet with its length digits; empty at the end of the stream.</summary>
    /// <param name="buffer">At least <see cref="Longest"/> bytes; the result lies in it.</param>
    /// <exception cref="InvalidDataException">Not a packet.</exception>
    public static async ValueTask<Memory<byte>> ReadAsync(Stream stream, byte[] buffer, CancellationToken cancellationToken)
    {
        var digits = await stream.ReadAtLeastAsync(buffer.AsMemory(0, 4), 4, throwOnEndOfStream: false, cancellationToken);
        if (digits == 0)
        {
            return Memory<byte>.Empty;
        }

        if (digits < 4 || !int.TryParse(buffer.AsSpan(0, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length) || length > Longest)
        {
            throw new InvalidDataException("git wrote something that is not a packet.");
        }

        if (length > 4)
        {
            await stream.ReadExactlyAsync(buffer.AsMemory(4, length - 4), cancellationToken);
        }

        // 0000, 0001 and 0002 are the special packets without bytes.
        return buffer.AsMemory(0, Math.Max(length, 4));
    }

    private static byte[] Frame(ReadOnlySpan<byte> payload) =>
        [.. Encoding.ASCII.GetBytes((payload.Length + 4).ToString("x4", CultureInfo.InvariantCulture)), .. payload];
}
