using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Paas.Accounts;

/// <summary>Random texts that prove who is asking: tokens, session cookies, sign-in links. They are shown or sent once and kept as a hash.</summary>
internal static class Secret
{
    /// <summary>62^43 is just above 2^256.</summary>
    public const int Letters = 43;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>256 random bits as letters and digits.</summary>
    public static string Next()
    {
        var rest = new BigInteger(RandomNumberGenerator.GetBytes(32), isUnsigned: true);
        var letters = new char[Letters];
        for (var at = Letters - 1; at >= 0; at--)
        {
            rest = BigInteger.DivRem(rest, 62, out var digit);
            letters[at] = Alphabet[(int)digit];
        }

        return new string(letters);
    }

    /// <summary>sha256. Looked up by equality: whoever measures that learns of a hash, never of what it was made from.</summary>
    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
