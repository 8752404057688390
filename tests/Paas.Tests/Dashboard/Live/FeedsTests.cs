using System.Security.Claims;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Paas.Client;
using Paas.State;
using Paas.Testing;

namespace Paas.Dashboard.Live;

public sealed class FeedsTests
{
    private static readonly ClaimsPrincipal Ada = new();
    private static readonly ClaimsPrincipal Bob = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readers_of_a_team_share_one_feed_that_tells_every_change()
    {
        await using var paas = await TestPaas.StartAsync();
        var asked = new List<ClaimsPrincipal>();
        await using var feeds = FeedsOf(paas, asked, _ => true);
        var feed = feeds.Enter("default", Ada);
        Assert.Same(feed, feeds.Enter("default", Bob));
        await feed.Ready.WaitAsync(Token);

        var told = Channel.CreateUnbounded<EventView?>();
        feed.Told += view => told.Writer.TryWrite(view);
        using var created = await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("shop"), Token);
        Assert.Equal("shop", (await told.Reader.ReadAsync(Token))?.App);
        Assert.Contains("shop", feed.State.Apps.Keys);
        Assert.Single(asked);
    }

    [Fact]
    public async Task A_feed_goes_on_with_the_right_of_another_reader()
    {
        await using var paas = await TestPaas.StartAsync();
        var asked = new List<ClaimsPrincipal>();
        await using var feeds = FeedsOf(paas, asked, who => ReferenceEquals(who, Bob));
        feeds.Enter("default", Ada);
        var feed = feeds.Enter("default", Bob);
        await feed.Ready.WaitAsync(Token);
        Assert.Equal([Ada, Bob], asked);
    }

    [Fact]
    public async Task Without_a_right_there_is_no_feed_but_the_next_reader_gets_one()
    {
        await using var paas = await TestPaas.StartAsync();
        await using var feeds = FeedsOf(paas, [], who => ReferenceEquals(who, Bob));
        var refused = await Assert.ThrowsAsync<ProblemException>(() => feeds.Enter("default", Ada).Ready.WaitAsync(Token));
        Assert.Equal("signed_out", refused.Code);
        await feeds.Enter("default", Bob).Ready.WaitAsync(Token);
    }

    private static Feeds FeedsOf(TestPaas paas, List<ClaimsPrincipal> asked, Func<ClaimsPrincipal, bool> may)
    {
        var token = paas.Api.DefaultRequestHeaders.Authorization!.Parameter!;
        var options = new DashboardOptions
        {
            Platform = paas.Services.GetRequiredService<PlatformAddress>().BaseUrl,
            Policy = "",
            Connect = paas.Services.GetRequiredService<DashboardOptions>().Connect,
            Token = (who, _) =>
            {
                asked.Add(who);
                return ValueTask.FromResult(may(who) ? new SessionToken(token, DateTimeOffset.MaxValue) : null);
            },
        };
        return new Feeds(new ApiClients(options, TimeProvider.System), TimeProvider.System, NullLogger<Feeds>.Instance);
    }
}
