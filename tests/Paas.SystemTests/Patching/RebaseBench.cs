using System.Globalization;
using System.Net;
using System.Text.Json;
using Paas.Client;
using Paas.Testing;

namespace Paas.Patching;

/// <summary>Twenty apps on a new run image. Not a test: tests/bench/rebase.sh runs it and takes its figures.</summary>
[Collection(StackPlatform.Name)]
public sealed class RebaseBench(StackPlatform stack)
{
    private const int Apps = 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rebase_of_twenty_apps()
    {
        var result = Environment.GetEnvironmentVariable("PAAS_BENCH_REBASE");
        Assert.SkipWhen(result is null, "PAAS_BENCH_REBASE names no file for the figures: run tests/bench/rebase.sh");
        var apps = new List<PushedApp>();
        try
        {
            for (var number = 0; number < Apps; number++)
            {
                apps.Add(await PushedApp.LiveAsync(stack.Platform, "hello-static"));
            }

            await stack.NewRunImageAsync();
            var (status, body) = await stack.Platform.SendAsync(HttpMethod.Post, "/stack/updates", new StartStackUpdate(true), Token);
            Assert.True(status == HttpStatusCode.Accepted, body);
            var update = JsonSerializer.Deserialize(body, ContractJson.Default.StackUpdateView)!;
            while (update.State == "running")
            {
                await Task.Delay(200, Token);
                update = await stack.Platform.GetAsync<StackUpdateView>($"/stack/updates/{update.Id}", Token);
            }

            Assert.Equal((Apps, "done"), (update.Apps.Count(app => app.Outcome == "rebased"), update.State));
            var whole = (update.EndedAt!.Value - update.StartedAt).TotalSeconds;
            await File.WriteAllLinesAsync(
                result!,
                [
                    string.Create(CultureInfo.InvariantCulture, $"figure builds.rebase20.time {update.RebaseSeconds:0.000} s"),
                    string.Create(CultureInfo.InvariantCulture, $"figure builds.rebase20.rollout.time {whole - update.RebaseSeconds:0.000} s"),
                ],
                Token);
        }
        finally
        {
            foreach (var app in apps)
            {
                await app.DisposeAsync();
            }
        }
    }
}
