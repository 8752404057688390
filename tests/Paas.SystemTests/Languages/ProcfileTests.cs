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

        (await app.PushChangeAsync("Procfile", "web: env GREETING=hello bash bin/serve\r\nworker: bash bin/work now\r\n")).Succeeded();
        Assert.Equal("bash serves, hello\n", (await app.VisitAsync()).Body);
    }
}
