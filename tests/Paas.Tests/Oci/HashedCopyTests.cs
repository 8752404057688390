using System.Security.Cryptography;

namespace Paas.Oci;

public sealed class HashedCopyTests
{
    public static TheoryData<string, int> Sizes => new() { { "sha256", 0 }, { "sha256", 300_000 }, { "sha512", 300_000 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void What_was_copied_is_what_was_hashed(string algorithm, int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        using var copy = new MemoryStream();

        Assert.Equal(DigestOf(algorithm, content), HashedCopy.Copy(new MemoryStream(content), copy, algorithm, TestContext.Current.CancellationToken));
        Assert.Equal(content, copy.ToArray());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Also_when_the_streams_wait(string algorithm, int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        using var copy = new MemoryStream();

        Assert.Equal(DigestOf(algorithm, content), await HashedCopy.CopyAsync(new MemoryStream(content), copy, algorithm, TestContext.Current.CancellationToken));
        Assert.Equal(content, copy.ToArray());
    }

    private static Digest DigestOf(string algorithm, byte[] content) => Digest.FromHash(algorithm == "sha512" ? SHA512.HashData(content) : SHA256.HashData(content));
}
