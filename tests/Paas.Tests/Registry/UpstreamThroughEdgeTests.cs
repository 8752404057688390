using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Paas.Accounts;
using Paas.Oci;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>The token flow and pulling through, as clients meet them: at the edge.</summary>
public sealed class UpstreamThroughEdgeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_is_sent_for_a_token_to_where_it_asked_and_pulls_through_with_it()
    {
        await using var upstream = await TestUpstream.StartAsync();
        var layer = new byte[5_000_000];
        new Random(1).NextBytes(layer);
        var (config, blob) = (upstream.Blob("team/app", "{}"u8.ToArray(), MediaTypes.Config), upstream.Blob("team/app", layer));
        upstream.Manifest(
            "team/app",
            "1",
            Encoding.UTF8.GetBytes($$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.Manifest}}}","config":{"mediaType":"{{{MediaTypes.Config}}}","digest":"{{{config.Digest}}}","size":{{{config.Size}}}},"layers":[{"mediaType":"{{{MediaTypes.LayerGzip}}}","digest":"{{{blob.Digest}}}","size":{{{blob.Size}}}}]}"""));
        await using var paas = await TestPaas.StartAsync(services => services.AddSingleton(
            new UpstreamOptions { Upstreams = [new Upstream("up.test", new Uri($"http://{upstream.Host}"), null, TimeSpan.FromMinutes(10))] }));
        var token = paas.Services.GetRequiredService<Tokens>().Create(paas.Services.GetRequiredService<AccountStore>().Bootstrap(null).Id, "puller");
        using var client = new HttpClient { BaseAddress = paas.EdgeUrl };

        using var asked = await client.GetAsync("/v2/up.test/team/app/manifests/1", Cancellation);
        Assert.Equal(
            $"Bearer realm=\"{paas.EdgeUrl}v2/token\",service=\"paas\",scope=\"repository:up.test/team/app:pull\"",
            asked.Headers.GetValues("WWW-Authenticate").Single());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/token?service=paas&scope=repository:up.test/team/app:pull");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"me:{token}")));
        using var answered = await client.SendAsync(request, Cancellation);
        var answer = await answered.Content.ReadFromJsonAsync(TokenJson.Default.TokenAnswer, Cancellation);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer!.Token);

        // The first comes through control while it arrives, the others from the edge's own disk.
        for (var round = 0; round < 3; round++)
        {
            using var manifest = await client.GetAsync("/v2/up.test/team/app/manifests/1", Cancellation);
            Assert.Equal(HttpStatusCode.OK, manifest.StatusCode);
            using var pulled = await client.GetAsync($"/v2/up.test/team/app/blobs/{blob.Digest}", Cancellation);
            Assert.Equal(layer, await pulled.Content.ReadAsByteArrayAsync(Cancellation));
            Assert.DoesNotContain(pulled.Headers, header => header.Key.StartsWith("Paas-", StringComparison.OrdinalIgnoreCase));
        }

        Assert.Equal(2, upstream.Requests.Count);
    }
}
