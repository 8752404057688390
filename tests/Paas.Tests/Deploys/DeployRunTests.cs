using System.Net;
using Paas.Activity;
using Paas.Apps;
using Paas.Client;
using Paas.Testing;

namespace Paas.Deploys;

public sealed class DeployRunTests
{
    [Fact]
    public async Task Sentence_of_a_failed_build_is_kept_and_told_without_secrets()
    {
        var cancelled = TestContext.Current.CancellationToken;
        await using var paas = await TestPaas.StartAsync();
        await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), cancelled).ReadAsync<AppView>(HttpStatusCode.Created);
        var app = paas.Services.GetRequiredService<AppStore>().All().Single();
        var deploys = paas.Services.GetRequiredService<DeployStore>();
        var record = deploys.Begin(app.Id, DeployCause.Push, "admin", new string('1', 40), "First", "main");
        var shown = new List<string>();

        DeployResult result;
        using (var run = paas.Services.GetRequiredService<DeployRuns>().Begin(app, record, [new ConfigVar("DATABASE_URL", "postgres://hidden", false, false)], shown.Add, cancelled))
        {
            result = run.End(new DeployResult.BuildFailed("cannot connect to postgres://hidden."));
        }

        Assert.Equal("cannot connect to [redacted].", result.Sentence);
        Assert.Equal(result.Sentence, deploys.Find(app.Id, record.Number)!.Sentence);
        Assert.Equal(result.Sentence, shown[^1]);
        Assert.DoesNotContain(paas.Services.GetRequiredService<ActivityLog>().OfApp(app.Id, 10), entry => entry.Text.Contains("hidden", StringComparison.Ordinal));
    }
}
