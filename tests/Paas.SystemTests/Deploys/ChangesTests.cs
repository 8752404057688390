using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>Changes without a push, on real instances.</summary>
public sealed class ChangesTests(Platform platform)
{
    [Fact]
    public async Task A_config_change_makes_a_release_and_a_rollback_takes_it_back()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        (await app.PushAsync()).Succeeded();
        var (status, body) = await app.SendAsync(HttpMethod.Patch, "/config", new UpdateConfig(new Dictionary<string, string?> { ["GREETING"] = "Hi" }));
        Assert.True(status == HttpStatusCode.OK, body);
        Assert.Equal($"Hi from {app.Name} v2\n", (await app.VisitAsync()).Body);

        (status, body) = await app.SendAsync(HttpMethod.Post, "/rollback", new RollBack(1));
        Assert.True(status == HttpStatusCode.OK, body);
        Assert.Equal($"Hello from {app.Name} v3\n", (await app.VisitAsync()).Body);
    }

    [Fact]
    public async Task Three_instances_and_back_to_one()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        (await app.PushAsync()).Succeeded();
        var (status, body) = await app.SendAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", 3, null) });
        Assert.True(status == HttpStatusCode.OK, body);
        Assert.Equal(3, (await app.InstancesAsync()).Count(instance => instance.State == "live"));

        (status, body) = await app.SendAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("web", 1, null) });
        Assert.True(status == HttpStatusCode.OK, body);
        await app.UntilAsync("one instance is left", async () => (await app.InstancesAsync()).Length == 1);
        Assert.Equal(HttpStatusCode.OK, (await app.VisitAsync()).Status);
    }

    [Fact]
    public async Task A_process_type_that_the_release_lacks_cannot_be_scaled()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        (await app.PushAsync()).Succeeded();
        var (status, body) = await app.SendAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("worker", 1, null) });
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("it has web", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pushes_under_load_cost_no_request()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        (await app.PushAsync()).Succeeded();
        using var visitor = platform.Visitor();
        using var enough = new CancellationTokenSource();
        var answered = 0;
        var wrong = new List<string>();
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                try
                {
                    using var answer = await visitor.GetAsync(platform.UrlOf(app.Name), CancellationToken.None);
                    Interlocked.Increment(ref answered);
                    if (answer.StatusCode != HttpStatusCode.OK)
                    {
                        lock (wrong)
                        {
                            wrong.Add(answer.StatusCode.ToString());
                        }
                    }
                }
                catch (HttpRequestException error)
                {
                    lock (wrong)
                    {
                        wrong.Add(error.Message);
                    }
                }

                await Task.Delay(5, CancellationToken.None);
            }
        })).ToArray();
        for (var push = 0; push < 3; push++)
        {
            (await app.PushChangeAsync("note.txt", $"{push}")).Succeeded();
        }

        (await Task.WhenAll(app.SendAsync(HttpMethod.Post, "/restart", null))).ToList().ForEach(item => Assert.Equal(HttpStatusCode.OK, item.Status));
        await enough.CancelAsync();
        await Task.WhenAll(load);
        Assert.Empty(wrong);
        Assert.True(answered > 50);
    }

    [Fact]
    public async Task Two_pushes_at_once_take_turns_and_the_later_is_told_to_pull()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        (await app.PushAsync()).Succeeded();
        await app.WriteAsync("index.html", "first");
        await app.CommitAsync("First of two");
        var first = app.PushAsync("main:main");
        (await app.GitAsync("checkout", "--quiet", "-b", "other", "HEAD~1")).Succeeded();
        await app.WriteAsync("index.html", "second");
        await app.CommitAsync("Second of two");
        var second = app.PushAsync("other:main");
        var codes = (await Task.WhenAll(first, second)).Select(push => push.Code).ToList();
        Assert.Contains(0, codes);
        Assert.Contains(codes, code => code != 0);
        Assert.Equal(2, (await app.ViewAsync()).Release);
    }
}
