using System.Security.Cryptography;
using Paas.Testing;

namespace Paas.Apps;

public sealed class ConfigCipherTests : IDisposable
{
    private readonly TempHome _temp = new();

    private string KeyFile => Path.Combine(_temp.Home.Keys, "config.key");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void What_was_sealed_opens_after_a_restart()
    {
        var (box, keyId) = new ConfigCipher(_temp.Home, mayMakeKey: true).Seal("secret"u8, "1/KEY"u8);
        Assert.Equal("secret"u8.ToArray(), new ConfigCipher(_temp.Home, mayMakeKey: false).Open(box, keyId, "1/KEY"u8));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
    }

    [Fact]
    public void The_same_value_never_looks_the_same()
    {
        var cipher = new ConfigCipher(_temp.Home, mayMakeKey: true);
        Assert.NotEqual(cipher.Seal("secret"u8, "1/KEY"u8).Box, cipher.Seal("secret"u8, "1/KEY"u8).Box);
    }

    [Fact]
    public void Another_place_or_another_key_does_not_open()
    {
        var cipher = new ConfigCipher(_temp.Home, mayMakeKey: true);
        var (box, keyId) = cipher.Seal("secret"u8, "1/KEY"u8);
        Assert.ThrowsAny<CryptographicException>(() => cipher.Open(box, keyId, "2/KEY"u8));
        Assert.Throws<InvalidDataException>(() => cipher.Open(box, "00000000", "1/KEY"u8));
        box[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => cipher.Open(box, keyId, "1/KEY"u8));
    }

    [Fact]
    public void An_absent_short_open_or_empty_key_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => new ConfigCipher(_temp.Home, mayMakeKey: false));
        Assert.NotEmpty(new ConfigCipher(_temp.Home, mayMakeKey: true).KeyId);

        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("0600", Assert.Throws<InvalidDataException>(() => new ConfigCipher(_temp.Home, mayMakeKey: true)).Message, StringComparison.Ordinal);
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllBytes(KeyFile, new byte[31]);
        Assert.Throws<InvalidDataException>(() => new ConfigCipher(_temp.Home, mayMakeKey: true));
        File.WriteAllBytes(KeyFile, new byte[32]);
        Assert.Throws<InvalidDataException>(() => new ConfigCipher(_temp.Home, mayMakeKey: true));
    }
}
