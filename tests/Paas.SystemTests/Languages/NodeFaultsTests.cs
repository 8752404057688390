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

        await app.RefusesAsync("package.json and package-lock.json disagree. Run 'npm install' and commit both.", app.Edited("package.json", "\"ms\": \"2.1.3\"", "\"ms\": \"2.1.2\""));
        await app.RefusesAsync("The build script failed (exit 7): node build.js && exit 7. Its lines above say why.", app.Edited("package.json", "node build.js", "node build.js && exit 7"));
        await app.RefusesAsync(
            "A script has Windows line endings. Write it anew with LF ('* text=auto eol=lf' in .gitattributes, then git add --renormalize .), and commit.",
            app.Edited("package.json", "node build.js", "bash ./build.sh"),
            ("build.sh", "set -e\r\nnode build.js\r\n"));
        await app.RefusesAsync(
            "A script asks a question, and in a build nobody answers: the lines above name it. Give it an option such as --yes, or CI=true by a config var.",
            app.Edited("package.json", "\"build\":", "\"postinstall\": \"node ask.js\",\n    \"build\":"),
            ("ask.js", "process.stdin.setRawMode(true);\n"));
        await app.RefusesAsync("The program next is not among the packages.", app.Edited("package.json", "node build.js", "next build"));
        await app.RefusesAsync("package.json is not valid JSON", ("package.json", "{ \"scripts\": "));
        await app.RefusesAsync(
            "but there is no pnpm-lock.yaml (there is package-lock.json). Run 'pnpm install' and commit the file, or name npm under packageManager.",
            app.Edited("package.json", "\"private\": true", "\"private\": true, \"packageManager\": \"pnpm@10.1.0\""));
        await app.RefusesAsync(
            "The registry has no such package of @no-such-team-of-ours that may be fetched without a login.",
            app.Edited("package.json", "\"ms\": \"2.1.3\"", "\"ms\": \"2.1.3\", \"@no-such-team-of-ours/thing\": \"1.0.0\""));
    }

    [Fact]
    public async Task A_package_of_a_private_registry_wants_its_token()
    {
        await NpmRegistry.SkipWithoutAsync();
        await using var app = await PushedApp.LiveAsync(platform, "node-deps");
        await using var outside = await Outside.StartAsync();
        var registry = new PrivateNpm("@acme/thing", "module.exports = 'private thing';\n");
        var url = await outside.ServeAsync(registry.AnswerAsync);
        (string, string?)[] depends =
        [
            app.Edited("package.json", "\"ms\": \"2.1.3\"", "\"ms\": \"2.1.3\", \"@acme/thing\": \"1.0.0\""),
            ("package-lock.json", registry.Lock(app.Edited("package-lock.json", "\"ms\": \"2.1.3\"", "\"ms\": \"2.1.3\", \"@acme/thing\": \"1.0.0\"").Text!, url)),
            app.Edited("server.js", "built.txt\")}", "built.txt\")}${require(\"@acme/thing\")}\\n"),
        ];
        await app.RefusesAsync(
            "The registry wants a login. Put '//<registry>/:_authToken=${NPM_TOKEN}' into .npmrc, and the token into the app: paas config set NPM_TOKEN=<token>.",
            [.. depends, (".npmrc", $"@acme:registry={url}/\n")]);

        var withToken = (".npmrc", (string?)$"@acme:registry={url}/\n//{url[7..]}/:_authToken=${{ACME_TOKEN}}\n");
        await app.RefusesAsync("The settings of the registry name the variable ACME_TOKEN, which this app does not have: paas config set ACME_TOKEN=<token>.", [.. depends, withToken]);

        await app.SetAsync(("ACME_TOKEN", PrivateNpm.Token));
        foreach (var (file, text) in depends.Append(withToken))
        {
            await app.WriteAsync(file, text!);
        }

        await app.CommitAsync("A private package");
        (await app.PushAsync()).Succeeded();
        Assert.Contains("private thing", (await app.VisitAsync()).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Committed_packages_are_not_used_and_names_may_be_of_any_letters()
    {
        await NpmRegistry.SkipWithoutAsync();
        await using var app = await PushedApp.CreateAsync(platform, "node-deps");
        await app.WriteAsync("node_modules/ms/index.js", "module.exports = () => 'committed';\n");
        await app.WriteAsync("größe/日本.js", "module.exports = 'letters';\n");
        var (file, text) = app.Edited("server.js", "built.txt\")}", "built.txt\")}${require(\"./größe/日本\")} ");
        await app.WriteAsync(file, text!);
        await app.CommitAsync("Committed");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("node_modules is in the repository (", push.Error, StringComparison.Ordinal);
        Assert.Contains("git rm -r --cached node_modules", push.Error, StringComparison.Ordinal);
        var page = (await app.VisitAsync()).Body;
        Assert.Contains("letters node v", page, StringComparison.Ordinal);
        Assert.Contains("ms 172800000", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_gigabyte_of_committed_packages_is_left_out()
    {
        LongTests.Only("a push of 500 MB");
        await NpmRegistry.SkipWithoutAsync();
        await using var app = await PushedApp.CreateAsync(platform, "node-deps");
        // One blob for git, 500 files for everybody else.
        var megabyte = new byte[1 << 20];
        Directory.CreateDirectory(Path.Combine(app.Folder, "node_modules/large"));
        foreach (var number in Enumerable.Range(0, 500))
        {
            await File.WriteAllBytesAsync(Path.Combine(app.Folder, $"node_modules/large/{number}.bin"), megabyte, TestContext.Current.CancellationToken);
        }

        await app.CommitAsync("Committed");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Matches(@"node_modules is in the repository \(50[01] MB\): it is not used, for it was made on another machine\.", push.Error);
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

        push = (await app.PushChangeAsync("server.js", "require('node:http').createServer((request, response) => response.end('moved\\n')).listen(3000, 'localhost');\n")).Succeeded();
        Assert.Contains("server.js names port 3000 itself: it is moved to the port that the platform gives. Write process.env.PORT ?? 3000 there.", push.Error, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "moved\n"), await app.VisitAsync());
    }
}
