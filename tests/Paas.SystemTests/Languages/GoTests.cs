using System.Net;
using Paas.Testing;

namespace Paas.Languages;

/// <summary>Go as people push it: a module, its dependency vendored, two programs.</summary>
public sealed class GoTests(Platform platform)
{
    [Fact]
    public async Task A_module_with_a_vendored_router_becomes_an_image_of_its_programs()
    {
        await using var app = await PushedApp.CreateAsync(platform, "go-mux");
        await VendorAsync(app);
        await app.CommitAsync("Vendor");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("from Debian (go.mod: go 1.22)", push.Error, StringComparison.Ordinal);
        Assert.Contains("programs: . ./cmd/worker", push.Error, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "<h1>Grüße from Go</h1>\n"), await app.VisitAsync());
        Assert.Equal("note one\n", (await app.VisitAsync("/notes/one")).Body);

        (await app.PushChangeAsync("pages/grüße.html", "<h1>Changed</h1>")).Succeeded();
        Assert.Equal("<h1>Changed</h1>", (await app.VisitAsync()).Body);
        await app.RefusesAsync("Go could not compile the app. The first fault is in main.go:3", ("main.go", "package main\n\nfunc main() { nothing() }\n"));
    }

    [Fact]
    public async Task Requirements_without_their_sums_are_refused_with_the_command_that_makes_them()
    {
        await using var app = await PushedApp.CreateAsync(platform, "go-mux");
        File.Delete(Path.Combine(app.Folder, "go.sum"));
        await app.CommitAsync("No sums");
        var push = await app.PushAsync();
        Assert.NotEqual(0, push.Code);
        Assert.Contains("Run 'go mod tidy' and commit go.sum.", push.Error, StringComparison.Ordinal);
    }

    /// <summary>What 'go mod vendor' writes, from Debian's package of the router.</summary>
    internal static async Task VendorAsync(PushedApp app)
    {
        const string Package = "golang-github-gorilla-mux-dev";
        var folder = await DebianFixtures.UnpackAsync(Package);
        var source = Path.Combine(folder, Package, "usr/share/gocode/src/github.com/gorilla/mux");
        foreach (var file in Directory.EnumerateFiles(source, "*.go").Where(file => !file.EndsWith("_test.go", StringComparison.Ordinal)))
        {
            await app.WriteAsync($"vendor/github.com/gorilla/mux/{Path.GetFileName(file)}", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        }

        Directory.Delete(folder, recursive: true);
        await app.WriteAsync("vendor/modules.txt", "# github.com/gorilla/mux v1.8.1\n## explicit; go 1.20\ngithub.com/gorilla/mux\n");
    }
}
