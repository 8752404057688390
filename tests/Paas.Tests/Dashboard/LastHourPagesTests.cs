using Paas.Metrics;
using Paas.Routing;
using Paas.Testing;

namespace Paas.Dashboard;

public sealed class LastHourPagesTests
{
    [Fact]
    public async Task Requests_and_failures_of_the_last_hour_are_in_the_first_answer_of_list_and_overview()
    {
        await using var live = await LiveApp.StartAsync();
        using var browser = await live.Paas.SignedInAsync();
        Assert.Contains(">No requests in the last hour</h2>", await browser.PageAsync("/apps/hello"), StringComparison.Ordinal);

        live.Get<RequestHistory>().Observe(
            new EdgeCounts("test", new Dictionary<string, RequestTally> { [live.App.EngineName] = new(1, 2, 0, [0, 0, 1234, 4]) }), TimeProvider.System.GetUtcNow());

        Assert.Contains("aria-label=\"1,240 requests, 3 errors in the last hour\"", await browser.PageAsync("/"), StringComparison.Ordinal);
        var overview = await browser.PageAsync("/apps/hello");
        Assert.Contains(">Requests in the last hour: 1,240, 3 failed</h2>", overview, StringComparison.Ordinal);
        Assert.Contains("Requests in the last hour, by five minutes", overview, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_is_told_against_its_limit_on_the_page_of_instances()
    {
        await using var live = await LiveApp.StartAsync();
        using var browser = await live.Paas.SignedInAsync();
        await live.Get<MetricsLoop>().LookAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Memory of web in the last hour: at most 1.0 MB of 512.0 MB", await browser.PageAsync("/apps/hello/instances"), StringComparison.Ordinal);
    }
}
