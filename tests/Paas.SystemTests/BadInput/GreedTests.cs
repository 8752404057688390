using System.Net;
using System.Text.Json;
using Paas.Client;
using Paas.Testing;

namespace Paas.BadInput;

/// <summary>What takes more than its share: stopped at its limit, told so, and nobody else notices.</summary>
public sealed class GreedTests(Platform platform)
{
    private const string Filler = """
        const fs = require("node:fs");
        require("node:http").createServer((request, response) => {
          if (request.url !== "/fill") return response.end("here\n");
          try {
            const file = fs.openSync("/tmp/fill", "w");
            for (;;) fs.writeSync(file, Buffer.alloc(8 << 20, 1));
          } catch (error) {
            response.end(error.code);
          }
        }).listen(process.env.PORT, "0.0.0.0");
        """;

    [Fact]
    public async Task A_build_that_forks_without_end_is_told_the_limit_of_processes()
    {
        LongTests.Only("a fork bomb runs until the build's time is up, a minute");
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        (await app.PushAsync()).Succeeded();
        await app.SendAsync(HttpMethod.Patch, "", new UpdateApp { BuildTimeout = 60 });
        using var neighbour = new Load(platform, app.Url());
        var push = await PushBuildScriptAsync(app, "bash -c ':(){ :|:& };: ; sleep 600'");

        Assert.NotEqual(0, push.Code);
        Assert.Empty(await neighbour.StopAsync());
        Assert.NotEqual(0, neighbour.Answered);
        Assert.Contains("The build started more than 1024 processes and threads", push.Error, StringComparison.Ordinal);
        Assert.Equal($"Hello from {app.Name} v1\n", (await app.VisitAsync()).Body);
    }

    [Fact]
    public async Task A_build_that_writes_20_GB_is_told_the_size_of_its_disk()
    {
        LongTests.Only("it writes 10 GB to the machine's disk, half a minute");
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        (await app.PushAsync()).Succeeded();
        using var neighbour = new Load(platform, app.Url());
        var push = await PushBuildScriptAsync(app, "dd if=/dev/zero of=big bs=1M count=20000");

        Assert.NotEqual(0, push.Code);
        Assert.Empty(await neighbour.StopAsync());
        Assert.Contains("The build filled its disk of", push.Error, StringComparison.Ordinal);
        Assert.Equal($"Hello from {app.Name} v1\n", (await app.VisitAsync()).Body);
    }

    [Fact]
    public async Task A_file_of_2_GB_is_refused_before_it_is_checked_out()
    {
        LongTests.Only("git packs and checks 2 GB of zeros, 40 s");
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        (await app.PushAsync()).Succeeded();
        await using (var big = File.Create(Path.Combine(app.Folder, "big.bin")))
        {
            big.SetLength(2L << 30);
        }

        await app.CommitAsync("Big");
        var push = await app.PushAsync();

        Assert.NotEqual(0, push.Code);
        Assert.Contains("The file 'big.bin' has 2 GB; all files of a commit together may have 1 GB.", push.Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await app.VisitAsync()).Status);
    }

    [Fact]
    public async Task An_instance_that_fills_its_disk_is_restarted_alone()
    {
        await using var neighbour = await PushedApp.CreateAsync(platform, "hello-static");
        (await neighbour.PushAsync()).Succeeded();
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        (await app.PushChangeAsync("server.js", Filler)).Succeeded();
        await app.VisitAsync("/fill");
        Assert.Equal(HttpStatusCode.OK, (await neighbour.VisitAsync()).Status);

        await app.UntilAsync("the instance was restarted and serves again", async () => (await app.InstancesAsync()) is [{ Restarts: > 0, State: "live" }]);
        Assert.Equal("here\n", (await app.VisitAsync()).Body);
    }

    private static Task<Ended> PushBuildScriptAsync(PushedApp app, string script) =>
        app.PushChangeAsync("package.json", JsonSerializer.Serialize(new { scripts = new { build = script } }));
}
