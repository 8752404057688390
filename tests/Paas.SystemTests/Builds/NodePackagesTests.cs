using Paas.Testing;

namespace Paas.Builds;

/// <summary>An app with npm packages: installed once, kept while nothing changes, pruned for the run.</summary>
public sealed class NodePackagesTests(Platform platform)
{
    [Fact]
    public async Task Packages_are_installed_once_and_again_only_when_the_lock_file_changes()
    {
        await NpmRegistry.SkipWithoutAsync();
        await using var app = await PushedApp.CreateAsync(platform, "node-deps");
        var cold = (await app.PushAsync()).Succeeded();
        Assert.DoesNotContain("unchanged (kept)", cold.Error, StringComparison.Ordinal);
        var page = (await app.VisitAsync()).Body;
        Assert.Contains("built with kind-of: array", page, StringComparison.Ordinal);
        Assert.Contains("ms 172800000, is-number true", page, StringComparison.Ordinal);
        Assert.Contains("dev dependencies pruned: true", page, StringComparison.Ordinal);

        var warm = (await app.PushChangeAsync("note.txt", "only code")).Succeeded();
        Assert.Contains("packages for the build script: unchanged (kept)", warm.Error, StringComparison.Ordinal);
        Assert.Contains("packages: unchanged (kept)", warm.Error, StringComparison.Ordinal);
        Assert.Contains("(kept)", warm.Error, StringComparison.Ordinal);
        Assert.Equal(page, (await app.VisitAsync()).Body);

        await ChangeAsync(app, "package.json", "\"ms\": \"2.1.3\"", "\"ms\": \"2.1.2\"");
        await ChangeAsync(app, "package-lock.json", "\"ms\": \"2.1.3\"", "\"ms\": \"2.1.2\"");
        await ChangeAsync(app, "package-lock.json", "\"version\": \"2.1.3\"", "\"version\": \"2.1.2\"");
        await ChangeAsync(
            app,
            "package-lock.json",
            "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==",
            "sha512-sGkPx+VjMtmA6MX27oA4FBFELFCZZ4S4XqeGOXCv68tT+jb3vk/RyaKWP0PTKyWtmLSM0b+adUTEvbs1PEaH2w==");
        await ChangeAsync(app, "server.js", "ms ${ms(\"2 days\")}", "ms ${require(\"ms/package.json\").version}");
        await app.CommitAsync("Another ms");
        var changed = (await app.PushAsync()).Succeeded();
        Assert.DoesNotContain("packages: unchanged (kept)", changed.Error, StringComparison.Ordinal);
        Assert.Contains("ms 2.1.2, is-number true", (await app.VisitAsync()).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_engines_of_package_json_choose_node_which_is_fetched_once_for_all_apps()
    {
        await NpmRegistry.SkipWithoutAsync();
        await using var app = await PushedApp.LiveAsync(platform, "hello-node");
        await ChangeAsync(app, "package.json", "24.x", "22.x");
        await app.CommitAsync("An older Node");
        Assert.Contains("Node 22.", (await app.PushAsync()).Succeeded().Error, StringComparison.Ordinal);

        await using var another = await PushedApp.CreateAsync(platform, "hello-node");
        await ChangeAsync(another, "package.json", "24.x", "22.x");
        await another.CommitAsync("The same Node");
        var push = (await another.PushAsync()).Succeeded();
        Assert.Matches(@"node 22\.[0-9.]+: a build has fetched it before", push.Error);
        Assert.Contains("Node 22.", push.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("99.x", "node has no version in the range '99.x'. Ask for another one in package.json, under engines. There are ")]
    [InlineData("lts", "'lts' is not a version range that npm understands. Ask for one like 24.x in package.json, under engines.")]
    public async Task A_range_that_no_node_is_in_is_told_in_one_sentence(string range, string sentence)
    {
        await NpmRegistry.SkipWithoutAsync();
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        await ChangeAsync(app, "package.json", "24.x", range);
        await app.CommitAsync("No such Node");
        var push = await app.PushAsync();
        Assert.NotEqual(0, push.Code);
        Assert.Contains(sentence, push.Error, StringComparison.Ordinal);
        Assert.Single(push.Error.Split('\n'), line => line.Contains(range, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Packages_without_a_lock_file_are_refused_with_what_to_do()
    {
        await using var app = await PushedApp.CreateAsync(platform, "node-deps");
        File.Delete(Path.Combine(app.Folder, "package-lock.json"));
        await app.CommitAsync("No lock");
        var push = await app.PushAsync();
        Assert.NotEqual(0, push.Code);
        Assert.Contains("there is no package-lock.json", push.Error, StringComparison.Ordinal);
        Assert.Contains("Run 'npm install' and commit package-lock.json.", push.Error, StringComparison.Ordinal);
    }

    private static async Task ChangeAsync(PushedApp app, string file, string old, string now)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(app.Folder, file), TestContext.Current.CancellationToken);
        Assert.Contains(old, text, StringComparison.Ordinal);
        await app.WriteAsync(file, text.Replace(old, now, StringComparison.Ordinal));
    }
}
