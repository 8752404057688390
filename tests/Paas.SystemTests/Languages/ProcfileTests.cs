using Paas.Client;
using Paas.Testing;

namespace Paas.Languages;

/// <summary>An app of no language that we know: its Procfile says it all.</summary>
public sealed class ProcfileTests(Platform platform)
{
    [Fact]
    public async Task Web_worker_and_release_in_bash_are_run_and_windows_line_endings_do_no_harm()
    {
        await using var app = await PushedApp.CreateAsync(platform, "procfile-bash");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("release runs before the switch", push.Error, StringComparison.Ordinal);
        Assert.Equal("bash serves, without a greeting\n", (await app.VisitAsync()).Body);
        await app.ChangeAsync(HttpMethod.Patch, "/formation", new[] { new ScaleProcess("worker", 1, null) });
        await app.UntilAsync("the worker says its line", async () => (await app.ReadAsync("/logs?num=100")).Contains("worker: every two seconds", StringComparison.Ordinal));

        (await app.PushChangeAsync("Procfile", "web: env GREETING=hello bash bin/serve\r\nworker: bash bin/work now\r\n")).Succeeded();
        Assert.Equal("bash serves, hello\n", (await app.VisitAsync()).Body);

        var (file, text) = app.Edited("bin/serve", "\n", "\r\n");
        push = (await app.PushChangeAsync(file, text!)).Succeeded();
        Assert.Contains("bin/serve has Windows line endings, which Linux does not understand; they are mended in the image.", push.Error, StringComparison.Ordinal);
        Assert.Equal("bash serves, hello\n", (await app.VisitAsync()).Body);
    }
}
