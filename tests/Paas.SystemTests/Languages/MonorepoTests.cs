using Paas.Testing;

namespace Paas.Languages;

/// <summary>Several projects in one repository: its project.toml says which files and buildpacks make the app.</summary>
public sealed class MonorepoTests(Platform platform)
{
    [Fact]
    public async Task Files_buildpacks_scripts_and_variables_of_project_toml_make_the_app()
    {
        await NpmRegistry.SkipWithoutAsync();
        await using var app = await PushedApp.CreateAsync(platform, "monorepo");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("project.toml puts in front: shop/stamp 1.0.0", push.Error, StringComparison.Ordinal);
        Assert.Contains("project.toml puts behind: shop/footer 0.1.0", push.Error, StringComparison.Ordinal);
        Assert.Contains("project.toml leaves 6 files out of the build.", push.Error, StringComparison.Ordinal);
        Assert.Contains("stamp: stamped for autumn, README.md apps", push.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("This repository also has", push.Error, StringComparison.Ordinal);
        Assert.Equal(
            "hello monorepo, 172800 s\nstamped for autumn, built for autumn\nfooter after stamped for autumn\nSEASON is for the build only\n",
            (await app.VisitAsync()).Body);
        Assert.Equal("README.md apps node_modules package-lock.json package.json packages project.toml stamp.txt\n", (await app.VisitAsync("/files")).Body);
        Assert.Contains("\"footer\"", await app.ReadAsync("/formation"), StringComparison.Ordinal);

        await app.SetAsync(("SEASON", "winter"));
        (await app.PushChangeAsync("packages/greeting/index.js", "module.exports = (name) => `goodbye ${name}`;\n")).Succeeded();
        Assert.StartsWith("goodbye monorepo, 172800 s\nstamped for winter, built for winter\n", (await app.VisitAsync()).Body, StringComparison.Ordinal);
    }
}
