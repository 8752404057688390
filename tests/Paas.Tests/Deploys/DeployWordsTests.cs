using Paas.Apps;
using Paas.Releases;
using Paas.Testing;

namespace Paas.Deploys;

public sealed class DeployWordsTests
{
    [Fact]
    public async Task The_url_of_a_verdict_is_that_of_the_name_the_app_has_by_then()
    {
        await using var live = await LiveApp.StartAsync();
        var before = live.App;
        live.Get<AppStore>().Update(before with { Name = "store" });
        var release = live.Get<ReleaseStore>().Find(before.Id, 1)!;
        Assert.StartsWith("v1 is live: http://store.", live.Get<DeployWords>().Live(before, release), StringComparison.Ordinal);
    }
}
