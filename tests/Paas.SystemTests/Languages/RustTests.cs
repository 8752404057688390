using Paas.Testing;

namespace Paas.Languages;

/// <summary>Rust as people push it: a package with its lock.</summary>
public sealed class RustTests(Platform platform)
{
    [Fact]
    public async Task A_package_becomes_an_image_of_its_program()
    {
        await using var app = await PushedApp.CreateAsync(platform, "rust-counter");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("from Debian (Cargo.toml: rust-version 1.70)", push.Error, StringComparison.Ordinal);
        Assert.Equal("Hello from Rust\n", (await app.VisitAsync()).Body);
        Assert.Equal("1\n", (await app.VisitAsync("/count")).Body);
        Assert.Equal("2\n", (await app.VisitAsync("/count")).Body);
        await app.RefusesAsync("There is no Cargo.lock, so nobody can say which crates to build with. Run 'cargo generate-lockfile' and commit it (look into .gitignore).", ("Cargo.lock", null));
    }

    [Fact]
    public async Task Vendored_crates_are_compiled_without_the_network()
    {
        LongTests.Only("another app of a language that the plain run has");
        await using var app = await PushedApp.CreateAsync(platform, "rust-axum");
        await DebianFixtures.CratesAsync(Path.Combine(app.Folder, "vendor"), Path.Combine(app.Folder, "Cargo.lock"));
        await app.CommitAsync("Crates");
        (await app.PushAsync()).Succeeded();
        Assert.Equal("Hello from axum\n", (await app.VisitAsync()).Body);
        using var visitor = platform.Visitor();
        using var answer = await visitor.PostAsync(app.Url("/notes/first"), new StringContent("größer"), TestContext.Current.CancellationToken);
        Assert.Equal("6\n", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("""{"first":6}""", (await app.VisitAsync("/notes")).Body);

        (await app.PushChangeAsync("src/main.rs", (await File.ReadAllTextAsync(Path.Combine(app.Folder, "src/main.rs"), TestContext.Current.CancellationToken)).Replace("from axum", "again", StringComparison.Ordinal))).Succeeded();
        Assert.Equal("Hello again\n", (await app.VisitAsync()).Body);
    }
}
