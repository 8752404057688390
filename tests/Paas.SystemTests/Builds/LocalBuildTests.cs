using Paas.Client;
using Paas.Testing;

namespace Paas.Builds;

/// <summary>A folder that somebody sends, built as a push is.</summary>
public sealed class LocalBuildTests(Platform platform)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_becomes_an_image_without_a_release_and_a_push_of_the_same_is_answered_from_it()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        var archive = Path.Combine(app.Folder, ".git", "folder.tar.gz");
        (await Command.RunAsync("tar", ["-czf", archive, "-C", app.Folder, "--exclude", ".git", "."], Token)).Succeeded();
        using var client = new PaasClient(new Uri($"http://localhost:{platform.Port}"), platform.Token, TimeProvider.System);

        var said = await client.BuildFolderAsync(app.Name, SendAsync, Token).ToListAsync(Token);

        var build = said[^1].Build!;
        Assert.True(build.State == "built", string.Join('\n', said.Select(item => item.Line)));
        Assert.Equal(["prepare", "detect", "restore", "build", "export"], build.Phases.Select(phase => phase.Name));
        Assert.Empty(await app.DeploysAsync());

        (await app.PushAsync()).Succeeded();
        var pushed = await client.BuildAsync(app.Name, 2, Token);
        Assert.Equal((build.Number, "push"), (pushed.SameAs, pushed.Cause));
        Assert.Equal(build.Layers.Select(layer => layer.DiffId), pushed.Layers.Select(layer => layer.DiffId));

        await client.DeployImageAsync(app.Name, new DeployImage($":build-{build.Number}"), Token);
        await app.UntilAsync("the image of the folder is live", async () => (await app.DeploysAsync())[0] is { Number: 3, State: "live" });
        Assert.Contains("<html", (await app.VisitAsync()).Body, StringComparison.OrdinalIgnoreCase);

        async Task SendAsync(Stream body, CancellationToken cancellationToken)
        {
            await using var file = File.OpenRead(archive);
            await file.CopyToAsync(body, cancellationToken);
        }
    }
}
