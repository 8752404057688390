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
    }
}
