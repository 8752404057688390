using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Languages;

/// <summary>.NET as people push it: built by the platform's own SDK, packages from NuGet.</summary>
public sealed class DotnetTests(Platform platform)
{
    [Fact]
    public async Task A_web_app_with_a_database_listens_on_the_platforms_port()
    {
        await using var app = await PushedApp.CreateAsync(platform, "dotnet-notes");
        var push = await app.PushAsync();
        Assert.SkipWhen(push.Error.Contains("nuget_unreachable", StringComparison.Ordinal), "NuGet cannot be reached from builds here");
        push.Succeeded();
        Assert.Contains("of the platform (target framework net10.0)", push.Error, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "Hello from Production"), await app.VisitAsync());
        using var visitor = platform.Visitor();
        using var answer = await visitor.PostAsync(app.Url("/notes/first"), null, TestContext.Current.CancellationToken);
        Assert.Equal("1", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("""["first"]""", (await app.VisitAsync("/notes")).Body);
        await app.RefusesAsync("global.json asks for the SDK '10', which is not a full version. Write one like 10.0.100 there.", ("global.json", """{ "sdk": { "version": "10" } }"""));
    }

    [Fact]
    public async Task A_worker_without_web_runs_when_it_is_scaled()
    {
        await using var app = await PushedApp.CreateAsync(platform, "dotnet-worker");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("worker: worker", push.Error, StringComparison.Ordinal);
        await app.ChangeAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("worker", 1, null) });
        await app.UntilAsync("the worker runs", async () => (await app.InstancesAsync()).Any(instance => instance.Type == "worker" && instance.State == "live"));
    }
}
