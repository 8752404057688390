using System.Net;
using Paas.Accounts;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>What a client reads whose large body is refused: the registry's own answer, at the edge.</summary>
public sealed class RefusedBodyTests
{
    // Above what Kestrel takes of other requests, 30 MB.
    private const int Large = 40 << 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task Before_its_first_byte(string? token)
    {
        await using var paas = await TestPaas.StartAsync();
        using var client = paas.RegistryClientOf(token);
        using var response = await client.PostAsync($"/v2/hello/blobs/uploads/?digest=sha256:{new string('0', 64)}", new ByteArrayContent(new byte[Large]), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("UNAUTHORIZED", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Because_of_its_size(bool isChunked)
    {
        await using var paas = await TestPaas.StartAsync(services => services.AddSingleton(new RegistryOptions { MaxBlob = 1 << 20 }));
        using var client = paas.RegistryClientOf(paas.Services.GetRequiredService<Tokens>().Create(paas.Services.GetRequiredService<AccountStore>().Bootstrap(null).Id, "pusher"));
        using var started = await client.PostAsync("/v2/team/app/blobs/uploads/", null, Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Patch, started.Headers.Location) { Content = new ByteArrayContent(new byte[Large]) };
        request.Headers.TransferEncodingChunked = isChunked;
        using var response = await client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("SIZE_INVALID", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }
}
