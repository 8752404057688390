using System.Net;
using System.Net.Http.Headers;
using Paas.Testing;

namespace Paas.Builds;

/// <summary>What the static buildpack makes of a folder, asked through the real edge.</summary>
public sealed class StaticSiteTests(Platform platform)
{
    private const string Hashed = "/assets/app.4f9a1c2b.js";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_Staticfile_chooses_the_folder_and_nothing_outside_it_is_served()
    {
        await using var app = await SiteAsync("root: site\n");
        await app.WriteAsync("secret.txt", "not in the site");
        (await app.PushChangeAsync("site/404.html", "<h1>Nothing here</h1>")).Succeeded();

        Assert.Equal("<h1>one</h1>", (await app.VisitAsync()).Body);
        Assert.Equal((HttpStatusCode.NotFound, "<h1>Nothing here</h1>"), await app.VisitAsync("/secret.txt"));
        Assert.Equal(HttpStatusCode.NotFound, (await app.VisitAsync("/Staticfile")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await app.VisitAsync("/.git/config")).Status);
    }

    [Fact]
    public async Task Unknown_paths_of_a_single_page_app_answer_its_page_with_the_pages_validator()
    {
        await using var app = await SiteAsync("root: site\nspa: true\n");
        using var page = await AskAsync(app, "/");
        using var deep = await AskAsync(app, "/orders/17");
        Assert.Equal((HttpStatusCode.OK, "<h1>one</h1>"), (deep.StatusCode, await deep.Content.ReadAsStringAsync(Cancelled)));
        Assert.Equal("text/html", deep.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(page.Headers.ETag);
        Assert.Equal(page.Headers.ETag, deep.Headers.ETag);
    }

    [Fact]
    public async Task Pages_are_asked_for_again_and_hashed_assets_are_kept()
    {
        await using var app = await SiteAsync("root: site\n");
        using var page = await AskAsync(app, "/");
        using var asset = await AskAsync(app, Hashed);
        Assert.True(page.Headers.CacheControl is { NoCache: true, MaxAge: null }, page.Headers.CacheControl?.ToString());
        Assert.True(asset.Headers.CacheControl is { Public: true, MaxAge: { TotalDays: 365 } }, asset.Headers.CacheControl?.ToString());
        Assert.Equal("text/javascript", asset.Content.Headers.ContentType?.MediaType?.Replace("application/", "text/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_validator_answers_304_until_the_content_changes_even_when_its_length_does_not()
    {
        await using var app = await SiteAsync("root: site\n");
        using var first = await AskAsync(app, "/");
        Assert.NotNull(first.Headers.ETag);
        using var same = await AskAsync(app, "/", first.Headers.ETag);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Empty(await same.Content.ReadAsByteArrayAsync(Cancelled));

        (await app.PushChangeAsync("site/index.html", "<h1>two</h1>")).Succeeded();
        using var second = await AskAsync(app, "/", first.Headers.ETag);
        Assert.Equal((HttpStatusCode.OK, "<h1>two</h1>"), (second.StatusCode, await second.Content.ReadAsStringAsync(Cancelled)));
        Assert.NotEqual(first.Headers.ETag, second.Headers.ETag);

        // What did not change kept its validator over the release.
        using var asset = await AskAsync(app, Hashed);
        (await app.PushChangeAsync("site/index.html", "<h1>six</h1>")).Succeeded();
        using var again = await AskAsync(app, Hashed, asset.Headers.ETag);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task A_page_that_node_builds_is_served_as_a_static_site()
    {
        await using var app = await PushedApp.CreateAsync(platform, null);
        await app.WriteAsync("package.json", """{ "name": "spa", "private": true, "scripts": { "build": "node build.js" } }""");
        await app.WriteAsync("build.js", "const fs = require('node:fs'); fs.mkdirSync('dist'); fs.writeFileSync('dist/index.html', `<h1>by node ${process.version.split('.')[0]}</h1>`);");
        await app.WriteAsync("Staticfile", "root: dist\nspa: true\n");
        await app.CommitAsync("A page that is built");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("paas/node, paas/static", push.Error, StringComparison.Ordinal);
        Assert.StartsWith("<h1>by node v", (await app.VisitAsync("/any/path")).Body, StringComparison.Ordinal);
        Assert.Equal("static", await ServerOf(app));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        var push = await app.PushChangeAsync("Staticfile", "root: missing\n");
        Assert.NotEqual(0, push.Code);
        Assert.Contains("The folder 'missing' of the Staticfile does not exist.", push.Error, StringComparison.Ordinal);
    }

    private async Task<PushedApp> SiteAsync(string staticfile)
    {
        var app = await PushedApp.CreateAsync(platform, null);
        Directory.CreateDirectory(Path.Combine(app.Folder, "site/assets"));
        await app.WriteAsync("Staticfile", staticfile);
        await app.WriteAsync("site/index.html", "<h1>one</h1>");
        await app.WriteAsync($"site{Hashed}", "console.log(1)");
        await app.CommitAsync("A site");
        (await app.PushAsync()).Succeeded();
        return app;
    }

    /// <summary>"static" when the files are served without node running.</summary>
    private static async Task<string> ServerOf(PushedApp app) =>
        (await app.ReadAsync("/formation")).Contains("nginx", StringComparison.Ordinal) ? "static" : "node";

    private async Task<HttpResponseMessage> AskAsync(PushedApp app, string path, EntityTagHeaderValue? known = null)
    {
        using var visitor = platform.Visitor();
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Url(path));
        if (known is not null)
        {
            request.Headers.IfNoneMatch.Add(known);
        }

        return await visitor.SendAsync(request, Cancelled);
    }
}
