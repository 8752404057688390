using System.Net;
using Paas.Client;
using Paas.Oci;
using Paas.Testing;
using Platform = Paas.Testing.Platform;

namespace Paas.Deploys;

/// <summary>git push of a Dockerfile to a live app, on an image of this platform's own registry.</summary>
public sealed class DockerfileTests(Platform platform) : IDisposable
{
    private readonly ForeignImages _images = new();

    public void Dispose() => _images.Dispose();

    [Fact]
    public async Task A_pushed_Dockerfile_is_live_on_its_port_as_its_user_and_one_that_fails_leaves_it_serving()
    {
        await using var app = await PushedApp.CreateAsync(platform, null);
        var pushed = await _images.PushAsync(
            await _images.MakeAsync(new RunConfig { Env = ["PAGE=base"] }), $"127.0.0.1:{platform.Port}/{app.Name}/base:1", $"any:{platform.Token}");
        pushed.Succeeded();
        Assert.Empty(await app.DeploysAsync());

        var from = $"ARG VERSION=1\nFROM localhost:{platform.Port}/{app.Name}/base:${{VERSION}}\nENV PAGE=built\n";
        const string serve = "EXPOSE 3000\nUSER www\nENTRYPOINT [\"/pushed\"]\nCMD [\"serve\", \"3000\"]\n";
        var push = await app.PushChangeAsync("Dockerfile", from + serve);
        Assert.True(push.Code == 0, push.Error);
        Assert.Contains("STEP 2/6: ENV PAGE=built", push.Error, StringComparison.Ordinal);
        Assert.Contains("Port 3000, which the image exposes.", push.Error, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "uid=101 PORT=3000 page=built"), await app.VisitAsync());

        push = await app.PushChangeAsync("Dockerfile", from + "RUN [\"/pushed\", \"check\", \"3\"]\n" + serve);
        Assert.NotEqual(0, push.Code);
        Assert.Contains("Step 3 of the Dockerfile failed: RUN [\"/pushed\", \"check\", \"3\"] ended with exit code 3.", push.Error, StringComparison.Ordinal);
        Assert.Contains("v1 goes on serving.", push.Error, StringComparison.Ordinal);
        Assert.Equal("uid=101 PORT=3000 page=built", (await app.VisitAsync()).Body);

        push = await app.PushChangeAsync("Dockerfile", $"FROM localhost:{platform.Port}/{app.Name}/base:2\n" + serve);
        Assert.Contains("which line 1 of Dockerfile names, cannot be had. This platform's registry has no image", push.Error, StringComparison.Ordinal);

        await app.ChangeAsync(HttpMethod.Patch, "", new UpdateApp { Builder = "buildpacks" });
        push = await app.PushAsync();
        Assert.Contains("No buildpack can build this app.", push.Error, StringComparison.Ordinal);
    }
}
