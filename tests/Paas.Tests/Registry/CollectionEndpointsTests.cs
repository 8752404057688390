using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Registry;

public sealed class CollectionEndpointsTests
{
    private const string Api = "/api/v1/registry";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rehearsal_says_what_goes_and_the_collection_does_it_and_is_remembered()
    {
        await using var paas = await TestPaas.StartAsync();
        using var pusher = new ImagePusher(paas);
        await pusher.ImageAsync("team/app", "1.0", "{}", "one");
        await pusher.ImageAsync("team/app", "1.1", "{}", "two");
        await paas.Api.PatchAsJsonAsync($"{Api}/repositories/team/app", new UpdateRepository { KeepLast = 1 }, Cancelled).ReadAsync<RepositoryView>();

        var rehearsal = await CollectAsync(dryRun: true);
        Assert.Equal((true, "done", "Would remove 1 tag."), (rehearsal.DryRun, rehearsal.Outcome, rehearsal.Sentence));
        Assert.Equal(("tag", "team/app", "1.0"), rehearsal.Items.Select(item => (item.Kind, item.Repository, item.Name)).Single());
        Assert.Equal(["1.1", "1.0"], await TagsAsync());

        var collection = await CollectAsync(dryRun: false);
        Assert.Equal([new CollectedSumView("tag", 1, 0)], collection.Sums);
        Assert.Equal(["1.1"], await TagsAsync());
        var past = Assert.Single(await paas.Api.GetAsync($"{Api}/collections", Cancelled).ReadAsync<PastCollectionView[]>());
        Assert.Equal(("admin", "done", 1), (past.Cause, past.Outcome, past.Count));

        Task<CollectionView> CollectAsync(bool dryRun) => paas.Api.PostAsJsonAsync($"{Api}/collections", new CollectRegistry(dryRun), Cancelled).ReadAsync<CollectionView>();

        async Task<string[]> TagsAsync() => [.. (await paas.Api.GetAsync($"{Api}/tags/team/app", Cancelled).ReadAsync<TagView[]>()).Select(tag => tag.Name)];
    }

    [Fact]
    public async Task Only_an_administrator_collects_and_sees_what_went()
    {
        await using var paas = await TestPaas.StartAsync();
        var stranger = paas.OtherTeam("strangers");
        Assert.Equal("administrator_only", (await stranger.PostAsJsonAsync($"{Api}/collections", new CollectRegistry(true), Cancelled).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        Assert.Equal("administrator_only", (await stranger.GetAsync($"{Api}/collections", Cancelled).ProblemAsync(HttpStatusCode.Forbidden)).Code);
    }

    [Fact]
    public async Task Usage_counts_what_two_repositories_share_once()
    {
        await using var paas = await TestPaas.StartAsync();
        using var pusher = new ImagePusher(paas);
        await pusher.ImageAsync("one", "1.0", "{}", "common");
        await pusher.ImageAsync("two", "1.0", "{}", "common");
        var usage = await paas.Api.GetAsync($"{Api}/usage", Cancelled).ReadAsync<RegistryUsageView>();
        Assert.Equal(("localhost:8080", 2, 8L), (usage.Host, usage.Repositories, usage.Size));
        Assert.InRange(usage.DiskFree, 1, usage.DiskSize);
    }
}
