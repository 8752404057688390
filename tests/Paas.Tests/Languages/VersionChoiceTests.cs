namespace Paas.Languages;

/// <summary>What Go, .NET, Java and Rust apps ask for, and what is taken for it.</summary>
public sealed class VersionChoiceTests
{
    [Theory]
    [InlineData("go.mod", "module x\r\n\r\ngo 1.22\r\n", ">=1.22 go.mod: go 1.22")]
    [InlineData("go.mod", "module x\ngo 1.22 // old\ntoolchain go1.25.1\n", ">=1.25.1 go.mod: toolchain go1.25.1")]
    [InlineData("go.mod", "module x\ngo 1.22\ntoolchain default\n", ">=1.22 go.mod: go 1.22")]
    [InlineData("go.mod", "module x\n", "* go.mod, which names no version")]
    public void Go_asks_by_its_module_file(string file, string text, string wish) => Assert.Equal(wish, Said("go", "version.sh", "go_wish", (file, text)));

    [Fact]
    public void Gos_makers_are_asked_for_the_newest_patch_of_a_line() =>
        Assert.Equal(">=1.26.1 <1.27", Said("go", "version.sh", "patch_level '>=1.26.1'"));

    [Theory]
    [InlineData("system.properties", "java.runtime.version=21\r\n", "21 exactly system.properties: 21")]
    [InlineData("system.properties", "java.runtime.version = 1.8\n", "8 exactly system.properties: 1.8")]
    [InlineData(".java-version", "temurin-21.0.2\n", "21 exactly .java-version: temurin-21.0.2")]
    [InlineData(".sdkmanrc", "# tools\njava=25.0.1-tem\n", "25 exactly .sdkmanrc: 25.0.1-tem")]
    [InlineData("pom.xml", "<properties><java.version>17</java.version></properties>", "17 least pom.xml: 17")]
    [InlineData("build.gradle", "java { toolchain { languageVersion = JavaLanguageVersion.of(25) } }", "25 least build.gradle: 25")]
    [InlineData("build.gradle", "sourceCompatibility = '1.8'", "8 least build.gradle: 1.8")]
    [InlineData("pom.xml", "<project/>", "21 least no file, so it is the line with long support")]
    public void Java_asks_exactly_or_at_least(string file, string text, string wish) => Assert.Equal(wish, Said("java", "jdk.sh", "jdk_wish", (file, text)));

    [Theory]
    [InlineData("17 least", "21")]
    [InlineData("17 exactly", "")]
    [InlineData("22 least", "25")]
    [InlineData("25 exactly", "25")]
    [InlineData("26 least", "")]
    public void Debians_Java_is_taken_where_it_does(string wish, string line) => Assert.Equal(line, Said("java", "jdk.sh", $"choose_line {wish}"));

    [Theory]
    [InlineData("rust-toolchain.toml", "[toolchain]\r\nchannel = \"1.85\"\r\n", "1.85 rust-toolchain.toml: 1.85")]
    [InlineData("rust-toolchain", "stable\n", "* rust-toolchain: stable")]
    [InlineData("rust-toolchain", "nightly-2026-01-01\n", "nightly-2026-01-01 rust-toolchain: nightly-2026-01-01")]
    [InlineData("Cargo.toml", "[package]\nname = \"x\"\nrust-version = \"1.70\"\n", ">=1.70 Cargo.toml: rust-version 1.70")]
    public void Rust_asks_by_its_toolchain_or_its_package(string file, string text, string wish) =>
        Assert.Equal(wish, Said("rust", "version.sh", "rust_wish", ("Cargo.toml", "[package]\nname = \"x\"\n"), (file, text)));

    [Theory]
    [InlineData("10.0.100", "", "10.0.105", true)]
    [InlineData("10.0.100", "", "10.0.401", false)]
    [InlineData("10.0.100", "latestFeature", "10.0.401", true)]
    [InlineData("10.0.401", "latestFeature", "10.0.100", false)]
    [InlineData("9.0.100", "latestFeature", "10.0.401", false)]
    [InlineData("10.0.100", "latestMinor", "10.1.100", true)]
    [InlineData("8.0.100", "latestMajor", "10.0.401", true)]
    [InlineData("10.0.401", "disable", "10.0.401", true)]
    [InlineData("10.0.400", "disable", "10.0.401", false)]
    public void An_SDK_stands_for_another_as_global_json_allows(string asked, string policy, string have, bool allowed) =>
        Assert.Equal(allowed ? "yes" : "no", Said("dotnet", "sdk.sh", $"sdk_allows {asked} '{policy}' {have} && echo yes || echo no"));

    [Fact]
    public void Comments_in_global_json_are_none() => Assert.Equal(
        "10.0.100 latestFeature",
        Said("dotnet", "sdk.sh", "sdk_wish 9.0; echo \"$asked $policy\"", ("global.json", "{\r\n  // the line with long support\r\n  \"sdk\": { \"version\": \"10.0.100\", \"rollForward\": \"latestFeature\", },\r\n}")));

    private static string Said(string buildpack, string file, string script, params (string File, string Text)[] files)
    {
        using var shell = new BuildpackShell(buildpack);
        foreach (var (name, text) in files)
        {
            shell.With(name, text);
        }

        var (code, output, error) = shell.Run($". \"$CNB_BUILDPACK_DIR/bin/{file}\"; {script}");
        Assert.True(code == 0, error);
        return output.Trim();
    }
}
