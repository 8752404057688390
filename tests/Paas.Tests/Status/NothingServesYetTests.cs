using System.Net;
using Paas.Apps;
using Paas.Client;
using Paas.Deploys;
using Paas.Testing;

namespace Paas.Status;

public sealed class NothingServesYetTests
{
    [Theory]
    [InlineData(DeployState.Cancelled, "The deploy was cancelled: Nothing serves yet.", "empty", "v1 was cancelled, nothing serves yet")]
    [InlineData(DeployState.Failed, "v1 did not come up. web.1 exited three times: exit 3. Nothing serves yet.", "failed", "v1 failed: web.1 exited three times: exit 3.")]
    public async Task An_app_whose_first_push_did_not_go_live_says_why(DeployState state, string said, string word, string sentence)
    {
        await using var paas = await TestPaas.StartAsync();
        await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), TestContext.Current.CancellationToken).ReadAsync<AppView>(HttpStatusCode.Created);
        var app = paas.Services.GetRequiredService<AppStore>().All().Single();
        var deploys = paas.Services.GetRequiredService<DeployStore>();
        deploys.Save(deploys.Begin(app.Id, DeployCause.Push, "admin", new string('a', 40), "A change", "main") with
        {
            State = state,
            Sentence = said,
            EndedAt = DateTimeOffset.UnixEpoch,
            Phases = [new DeployPhase("start", 1)],
        });
        var view = await paas.Api.GetAsync("/api/v1/apps/hello", TestContext.Current.CancellationToken).ReadAsync<AppView>();
        Assert.Equal((word, sentence), (view.State, view.Sentence));
    }
}
