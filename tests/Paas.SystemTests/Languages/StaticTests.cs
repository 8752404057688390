using System.Net;
using Paas.Testing;

namespace Paas.Languages;

/// <summary>Sites: what a build makes and nginx serves, redirects and headers.</summary>
public sealed class StaticTests(Platform platform)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_single_page_app_is_built_by_node_and_served_by_nginx_alone()
    {
        await using var app = await PushedApp.CreateAsync(platform, "site-vite");
        await NpmRegistry.SkipWithoutAsync();
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("The build has made files only, in dist: nginx serves them.", push.Error, StringComparison.Ordinal);
        var (status, page) = await app.VisitAsync("/orders/17");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("<main id=\"app\">", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/src/main.ts", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await app.VisitAsync("/assets/gone.js")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await app.VisitAsync("/package.json")).Status);
        Assert.Contains("nginx", await app.ReadAsync("/formation"), StringComparison.Ordinal);
        Assert.Contains("packages for the build script: unchanged (kept)", (await app.PushChangeAsync("note.txt", "only code")).Succeeded().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_and_headers_are_read_as_other_hosts_do()
    {
        await using var app = await PushedApp.CreateAsync(platform, "hello-static");
        await app.WriteAsync("_redirects", "# moved\r\n/old/:year/* /new/:year/:splat\r\n/here! /never\n/style.css /never\n/forced/* / 302!\n/gone / 410\n/api/* https://api.example.com/:splat 200\n");
        await app.WriteAsync("_headers", "/*\n  X-Frame-Options: DENY\n/style.css\n  Cache-Control: public, max-age=60\n");
        await app.CommitAsync("Rules");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("_redirects line 7 is left out: answers of another server are not passed on.", push.Error, StringComparison.Ordinal);

        using var moved = await AskAsync(app, "/old/2020/a%0d%0ab?x=1");
        Assert.Equal((HttpStatusCode.MovedPermanently, "/new/2020/a%0d%0ab?x=1"), (moved.StatusCode, moved.Headers.Location?.OriginalString));
        using var forced = await AskAsync(app, "/forced/x");
        Assert.Equal((HttpStatusCode.Found, "/"), (forced.StatusCode, forced.Headers.Location?.OriginalString));
        using var gone = await AskAsync(app, "/gone");
        Assert.Equal(HttpStatusCode.Gone, gone.StatusCode);
        using var style = await AskAsync(app, "/style.css");
        Assert.Equal(HttpStatusCode.OK, style.StatusCode);
        Assert.Equal("public, max-age=60", style.Headers.CacheControl?.ToString());
        Assert.Equal("DENY", style.Headers.GetValues("X-Frame-Options").Single());
        using var hidden = await AskAsync(app, "/_headers");
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
    }

    private async Task<HttpResponseMessage> AskAsync(PushedApp app, string path)
    {
        using var visitor = platform.Visitor();
        return await visitor.GetAsync(app.Url(path), Cancelled);
    }
}
