using Paas.Testing;

namespace Paas.Languages;

/// <summary>Repositories of two languages: which one runs the app, what the other is for, and how to choose.</summary>
public sealed class TwoLanguagesTests(Platform platform)
{
    [Fact]
    public async Task Node_makes_the_assets_of_another_language_and_stays_out_of_its_image()
    {
        await NpmRegistry.SkipWithoutAsync();
        await using var app = await PushedApp.CreateAsync(platform, "php-assets");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("The build script of package.json makes what php serves.", push.Error, StringComparison.Ordinal);
        Assert.Contains("This repository also has node (package.json). The app is built as php. To choose: paas config set BP_LANGUAGE=<name>", push.Error, StringComparison.Ordinal);
        Assert.Equal("/* cached for 172800 s */\nprograms of Node: none\npackages of Node: none\n", (await app.VisitAsync()).Body);
        Assert.Equal("/* cached for 172800 s */\n", (await app.VisitAsync("/build/site.css")).Body);

        await app.RefusesAsync("The build script failed (exit 3): node assets/build.js && exit 3. Its lines above say why.", app.Edited("package.json", "assets/build.js", "assets/build.js && exit 3"));
    }

    [Fact]
    public async Task The_server_of_two_wins_until_BP_LANGUAGE_says_otherwise()
    {
        await NpmRegistry.SkipWithoutAsync();
        await using var app = await PushedApp.CreateAsync(platform, null);
        await app.WriteAsync("package.json", """{ "name": "two", "private": true, "scripts": { "start": "node server.js" } }""");
        await app.WriteAsync("server.js", "require('node:http').createServer((request, response) => response.end('node\\n')).listen(process.env.PORT);\n");
        await app.WriteAsync("index.php", "<?php echo \"php\\n\";\n");
        await app.CommitAsync("Two");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("This repository also has node (package.json). The app is built as php. To choose: paas config set BP_LANGUAGE=<name>", push.Error, StringComparison.Ordinal);
        Assert.Equal("php\n", (await app.VisitAsync()).Body);

        await app.SetAsync(("BP_LANGUAGE", "cobol"));
        await app.RefusesAsync(
            "BP_LANGUAGE is 'cobol', which is no language here. Set it to one of ruby, php, python, elixir, java, go, rust, dotnet and node, or take it away: paas config unset BP_LANGUAGE.",
            ("changed", "1"));

        await app.SetAsync(("BP_LANGUAGE", "Node"));
        push = (await app.PushChangeAsync("changed", "2")).Succeeded();
        Assert.Contains("This repository also has php (index.php). The app is built as node, because BP_LANGUAGE says so.", push.Error, StringComparison.Ordinal);
        Assert.Equal("node\n", (await app.VisitAsync()).Body);
    }
}
