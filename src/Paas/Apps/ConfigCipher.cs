using System.Security.Cryptography;
using Paas.State;

namespace Paas.Apps;

/// <summary>Seals config vars at rest with AES-256-GCM (NIST SP 800-38D): nonce || ciphertext || tag (trust rule 3).</summary>
public sealed class ConfigCipher
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly byte[] _key;
    private readonly byte[] _fingerprintKey;

    /// <param name="home">Keeps the key in keys/config.key.</param>
    /// <param name="mayMakeKey">Nothing was sealed yet, so an absent key may be made.</param>
    /// <exception cref="InvalidDataException">The key is absent or bad.</exception>
    public ConfigCipher(PlatformHome home, bool mayMakeKey)
    {
        _key = KeyFile.ReadOrMake(Path.Combine(home.Keys, "config.key"), mayMakeKey);
        _fingerprintKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, KeyFile.Length, info: "config fingerprint"u8.ToArray());
        KeyId = Convert.ToHexStringLower(SHA256.HashData(_key))[..8];
    }

    /// <summary>Goes into the row beside what was sealed: 8 hex characters.</summary>
    public string KeyId { get; }

    /// <param name="associatedData">Where the value belongs ("app id/name"): sealed bytes moved elsewhere do not open.</param>
    public (byte[] Box, string KeyId) Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> associatedData)
    {
        var box = new byte[NonceLength + plain.Length + TagLength];
        var nonce = box.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var gcm = new AesGcm(_key, TagLength);
        gcm.Encrypt(nonce, plain, box.AsSpan(NonceLength, plain.Length), box.AsSpan(NonceLength + plain.Length), associatedData);
        return (box, KeyId);
    }

    /// <summary>The same for the same bytes in the same place, and no way back to them: 32 hex characters (HMAC-SHA256, RFC 2104, under a key of its own).</summary>
    public string Fingerprint(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> associatedData)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _fingerprintKey);
        hash.AppendData(associatedData);
        hash.AppendData([0]);
        hash.AppendData(plain);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    /// <param name="keyId">Of the row.</param>
    /// <exception cref="InvalidDataException">Sealed with another key.</exception>
    /// <exception cref="CryptographicException">Changed, or moved from its place.</exception>
    public byte[] Open(ReadOnlySpan<byte> box, string keyId, ReadOnlySpan<byte> associatedData)
    {
        if (keyId != KeyId)
        {
            throw new InvalidDataException($"A config var was sealed with key {keyId}, but keys/config.key is {KeyId}: restore the key that belongs to this database.");
        }

        if (box.Length < NonceLength + TagLength)
        {
            throw new InvalidDataException("A sealed config var is shorter than its nonce and tag.");
        }

        var plain = new byte[box.Length - NonceLength - TagLength];
        using var gcm = new AesGcm(_key, TagLength);
        gcm.Decrypt(box[..NonceLength], box[NonceLength..^TagLength], box[^TagLength..], plain, associatedData);
        return plain;
    }
}
