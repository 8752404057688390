using System.Buffers;
using System.Security.Cryptography;
using Paas.Oci;

namespace Paas.Registry;

public sealed class WriteBehindTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("paas-behind-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0, 1, null)]
    [InlineData(10, 3, 10)]
    [InlineData(1_000_000, 999, null)]
    [InlineData(3_000_000, 65_536, 3_000_000)]
    public async Task Everything_arrives_in_order(int size, int piece, int? expected)
    {
        var store = new BlobStore(_folder.FullName);
        var content = RandomNumberGenerator.GetBytes(size);
        await using var writer = store.CreateWriter();
        await using (var behind = new WriteBehind(writer, expected))
        {
            foreach (var part in content.Chunk(piece))
            {
                await behind.AppendAsync(new ReadOnlySequence<byte>(part));
            }

            await behind.FlushAsync();
            Assert.Equal(size, writer.Written);
        }

        var (digest, _) = await writer.CommitAsync(Digest.Of(content), Cancellation);
        Assert.Equal(content, await File.ReadAllBytesAsync(store.PathOf(digest)!, Cancellation));
    }

    [Fact]
    public async Task What_arrived_before_a_client_went_away_is_with_the_writer()
    {
        var content = RandomNumberGenerator.GetBytes(1_000_000);
        await using var writer = new BlobStore(_folder.FullName).CreateWriter();
        await using (var behind = new WriteBehind(writer, content.Length * 2))
        {
            await behind.AppendAsync(new ReadOnlySequence<byte>(content));
        }

        Assert.Equal(content.Length, writer.Written);
    }
}
