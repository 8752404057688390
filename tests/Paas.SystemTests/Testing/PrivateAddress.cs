using System.Net;
using System.Security.Cryptography;

namespace Paas.Testing;

/// <summary>A private address that this machine has until it is disposed.</summary>
internal sealed class PrivateAddress : IAsyncDisposable
{
    public IPAddress Address { get; } = new([10, 213, (byte)RandomNumberGenerator.GetInt32(1, 255), (byte)RandomNumberGenerator.GetInt32(1, 255)]);

    public static async Task<PrivateAddress> AddAsync()
    {
        Assert.SkipWhen(Environment.UserName != "root", "Addresses need root.");
        var added = new PrivateAddress();
        (await Command.RunAsync("ip", ["addr", "add", $"{added.Address}/32", "dev", "lo"], TestContext.Current.CancellationToken)).Succeeded();
        return added;
    }

    public async ValueTask DisposeAsync() =>
        (await Command.RunAsync("ip", ["addr", "del", $"{Address}/32", "dev", "lo"], CancellationToken.None)).Succeeded();
}
