using System.Formats.Tar;
using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Deploys;

public sealed class LocalBuildsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>No base images here: as far as a build gets without root.</summary>
    [Fact]
    public async Task A_folder_that_is_sent_is_built_under_a_number_of_its_own_and_told_line_by_line()
    {
        await using var paas = await TestPaas.StartAsync();
        await MakeAppAsync(paas);
        using var client = new PaasClient(paas.Api.BaseAddress!, paas.Api.DefaultRequestHeaders.Authorization!.Parameter!, TimeProvider.System);

        var said = await client.BuildFolderAsync("hello", (body, token) => TarAsync(body, "app.js", token), Token).ToListAsync(Token);

        Assert.Equal("Build 1 of hello. It may take 15 minutes.", said[0].Line);
        var build = said[^1].Build!;
        Assert.Equal((1, "local", "failed", "stack_missing", "prepare"), (build.Number, build.Cause, build.State, build.Failure!.Code, build.Failure.Phase));
        Assert.Empty(await client.DeploysAsync("hello", Token));
        Assert.Equal(1, (await client.BuildsAsync("hello", cancellationToken: Token)).Single().Number);
        Assert.Empty(Directory.GetDirectories(Path.Combine(paas.Home.Root, "sources")));
    }

    [Fact]
    public async Task An_archive_that_breaks_a_rule_is_refused_and_leaves_nothing()
    {
        await using var paas = await TestPaas.StartAsync();
        await MakeAppAsync(paas);
        using var client = new PaasClient(paas.Api.BaseAddress!, paas.Api.DefaultRequestHeaders.Authorization!.Parameter!, TimeProvider.System);

        var refused = await Assert.ThrowsAsync<ProblemException>(async () => await client.BuildFolderAsync("hello", (body, token) => TarAsync(body, "../app.js", token), Token).ToListAsync(Token));

        Assert.Equal((400, "source_invalid"), (refused.Status, refused.Code));
        Assert.Contains("'..'", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Path.Combine(paas.Home.Root, "sources")));
        Assert.Equal(HttpStatusCode.NotFound, (await paas.OtherTeam("other").PostAsync(new Uri("/api/v1/apps/hello/builds", UriKind.Relative), null, Token)).StatusCode);
    }

    [Fact]
    public async Task What_a_killed_control_left_is_swept()
    {
        await using var paas = await TestPaas.StartAsync();
        Directory.CreateDirectory(Path.Combine(paas.Home.Root, "sources", "left", "bin"));
        var builds = paas.Services.GetRequiredService<LocalBuilds>();

        Assert.Equal("left", builds.Sweep(TimeProvider.System.GetUtcNow(), dryRun: true, Token).Single().Name);
        Assert.Single(builds.Sweep(TimeProvider.System.GetUtcNow(), dryRun: false, Token));

        Assert.Empty(builds.Sweep(TimeProvider.System.GetUtcNow(), dryRun: false, Token));
    }

    private static async Task MakeAppAsync(TestPaas paas) =>
        (await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), ContractJson.Default.CreateApp, Token)).EnsureSuccessStatusCode();

    private static async Task TarAsync(Stream body, string name, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await using (var tar = new TarWriter(buffer, leaveOpen: true))
        {
            using var content = new MemoryStream("hello"u8.ToArray());
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content }, cancellationToken);
        }

        buffer.Position = 0;
        await buffer.CopyToAsync(body, cancellationToken);
    }
}
