using System.Net;
using Paas.Testing;

namespace Paas.Languages;

/// <summary>What goes wrong with Node apps: one sentence on the terminal, and the old release serves on.</summary>
public sealed class NodeFaultsTests(Platform platform)
{
    [Fact]
    public async Task Each_fault_is_one_sentence_and_the_old_release_serves_on()
    {
        await NpmRegistry.SkipWithoutAsync();
        await using var app = await PushedApp.LiveAsync(platform, "node-deps");
        var page = (await app.VisitAsync()).Body;

        await FailsAsync(app, "package.json", text => text.Replace("\"ms\": \"2.1.3\"", "\"ms\": \"2.1.2\"", StringComparison.Ordinal), "package.json and package-lock.json disagree. Run 'npm install' and commit both.");
        await FailsAsync(app, "package.json", text => text.Replace("node build.js", "node build.js && exit 7", StringComparison.Ordinal), "The build script failed (exit 7): node build.js && exit 7. Its lines above say why.");
        await FailsAsync(app, "package.json", text => text.Replace("node build.js", "bash ./build.sh", StringComparison.Ordinal), "A script has Windows line endings.", ("build.sh", "set -e\r\nnode build.js\r\n"));
        await FailsAsync(app, "package.json", text => text.Replace("\"build\":", "\"postinstall\": \"node ask.js\",\n    \"build\":", StringComparison.Ordinal), "A script asks a question, and in a build nobody answers", ("ask.js", "process.stdin.setRawMode(true);\n"));
        await FailsAsync(app, "package.json", text => text.Replace("node build.js", "next build", StringComparison.Ordinal), "The program next is not among the packages.");
        await FailsAsync(app, "package.json", _ => "{ \"scripts\": ", "package.json is not valid JSON");
        await FailsAsync(app, "package.json", text => text.Replace("\"private\": true", "\"private\": true, \"packageManager\": \"pnpm@10.1.0\"", StringComparison.Ordinal), "but there is no pnpm-lock.yaml (there is package-lock.json). Run 'pnpm install' and commit the file, or name npm under packageManager.");

        Assert.Equal((HttpStatusCode.OK, page), await app.VisitAsync());
    }

    [Fact]
    public async Task A_private_package_without_a_login_is_named()
    {
        await NpmRegistry.SkipWithoutAsync();
        await using var app = await PushedApp.CreateAsync(platform, "node-deps");
        await FailsAsync(
            app,
            "package.json",
            text => text.Replace("\"ms\": \"2.1.3\"", "\"ms\": \"2.1.3\", \"@no-such-team-of-ours/thing\": \"1.0.0\"", StringComparison.Ordinal),
            "The registry has no such package of @no-such-team-of-ours that may be fetched without a login.");
    }

    [Fact]
    public async Task Committed_packages_are_not_used_and_names_may_be_of_any_letters()
    {
        await NpmRegistry.SkipWithoutAsync();
        await using var app = await PushedApp.CreateAsync(platform, "node-deps");
        await app.WriteAsync("node_modules/ms/index.js", "module.exports = () => 'committed';\n");
        await app.WriteAsync("größe/日本.txt", "letters");
        await app.CommitAsync("Committed");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("node_modules is in the repository (", push.Error, StringComparison.Ordinal);
        Assert.Contains("git rm -r --cached node_modules", push.Error, StringComparison.Ordinal);
        Assert.Contains("ms 172800000", (await app.VisitAsync()).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_script_for_developers_gives_way_and_a_port_of_its_own_is_replaced()
    {
        await NpmRegistry.SkipWithoutAsync();
        await using var app = await PushedApp.LiveAsync(platform, "hello-node");
        await app.WriteAsync("package.json", """{ "name": "hello-node", "private": true, "scripts": { "start": "nodemon server.js" } }""");
        File.Delete(Path.Combine(app.Folder, "Procfile"));
        await app.CommitAsync("For developers");
        (await app.PushAsync()).Succeeded();
        Assert.Equal($"Hello from {app.Name} v2\n", (await app.VisitAsync()).Body);

        var push = (await app.PushChangeAsync("package.json", """{ "name": "hello-node", "private": true, "scripts": { "start": "PORT=3000 node server.js" } }""")).Succeeded();
        Assert.Contains("The start script sets PORT itself: that is left out", push.Error, StringComparison.Ordinal);
        Assert.Equal($"Hello from {app.Name} v3\n", (await app.VisitAsync()).Body);
    }

    private static async Task FailsAsync(PushedApp app, string file, Func<string, string> change, string sentence, params (string Name, string Text)[] added)
    {
        var path = Path.Combine(app.Folder, file);
        var before = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        foreach (var (name, text) in added)
        {
            await app.WriteAsync(name, text);
        }

        var push = await app.PushChangeAsync(file, change(before));
        Assert.NotEqual(0, push.Code);
        Assert.Contains(sentence, push.Error, StringComparison.Ordinal);
        await app.WriteAsync(file, before);
    }
}
