using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Paas.Languages;

/// <summary>What Debian or the platform does not have comes from the makers' own sites, checked by the hash that they publish.</summary>
public sealed class MakersTests : IAsyncLifetime
{
    private static readonly string Uname = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64";
    private static readonly bool IsArm = Uname == "aarch64";

    private MakersSite _site = null!;

    public async ValueTask InitializeAsync() => _site = await MakersSite.StartAsync();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("go", "Go 1.26.3")]
    [InlineData("rust", "Rust 1.90.0 (rustc)")]
    [InlineData("java", "Java 17.0.17+10")]
    [InlineData("python", "Python 3.12.11")]
    [InlineData("dotnet", "The .NET SDK 9.0.309")]
    public void An_archive_is_used_only_with_the_content_that_its_makers_promise(string language, string title)
    {
        using var shell = new BuildpackShell(language);
        var (archive, who) = Publish(language);

        var (code, output, error) = Install(language, shell);
        Assert.True(code == 0, error);
        Assert.EndsWith($"{language} of the makers\n", output, StringComparison.Ordinal);

        using var another = new BuildpackShell(language);
        _site.Put(archive, "what somebody made of it");
        (code, _, error) = Install(language, another);
        Assert.Equal(1, code);
        Assert.EndsWith($"package_damaged: {title} does not have the content that {who} promises: it is not used.\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("go", "version_unreachable: Go 1.26.3 could not be fetched from {0}. Push again when it answers.\n")]
    [InlineData("rust", "version_unreachable: Rust 1.90.0 could not be fetched from {0}. Push again when it answers.\n")]
    [InlineData("java", "version_unreachable: Java 17.0.17+10 could not be fetched from {0}/jdk.tgz. Push again when it answers.\n")]
    [InlineData("python", "version_unreachable: Python 3.12.11 could not be downloaded from github.com (astral-sh/python-build-standalone). Push again when it can be reached.\n")]
    [InlineData("dotnet", "version_not_found: This app needs the .NET SDK 9.0.300 (global.json: 9.0.300, latestPatch). The platform has none, and {0} cannot be reached for others. Ask for another in global.json, or push again when it can.\n")]
    public void An_archive_that_is_not_there_is_told_with_the_site(string language, string sentence)
    {
        using var shell = new BuildpackShell(language);
        var (archive, _) = Publish(language);
        _site.Remove(archive);

        var (code, _, error) = Install(language, shell);

        Assert.Equal(1, code);
        Assert.EndsWith(sentence.Replace("{0}", _site.Url, StringComparison.Ordinal), error, StringComparison.Ordinal);
    }

    /// <summary>The archive that is fetched first, and who promises its hash.</summary>
    private (string Archive, string Who) Publish(string language)
    {
        var program = $"#!/bin/sh\necho {language} of the makers\n";
        switch (language)
        {
            case "go":
                var go = _site.PutTar("/go.tgz", ("go/bin/go", program), ("go/src/fmt/print.go", "package fmt\n"));
                _site.Put("/", $$"""[{"version":"go1.26.3","stable":true,"files":[{"os":"linux","arch":"{{(IsArm ? "arm64" : "amd64")}}","kind":"archive","filename":"go.tgz","sha256":"{{go}}"}]}]""");
                return ("/go.tgz", _site.Url);

            case "rust":
                var parts = ((string[])["rustc", "cargo", "rust-std"]).Select(part =>
                    $"[pkg.{part}]\nversion = \"1.90.0 (1159e78c4 2025-09-14)\"\n[pkg.{part}.target.{Uname}-unknown-linux-gnu]\nxz_url = \"https://static.rust-lang.org/dist/{part}.tar.xz\"\nxz_hash = \"{_site.PutTar($"/dist/{part}.tar.xz", ($"{part}-1.90.0/{part}/bin/{part}", program))}\"\n");
                _site.Put("/dist/channel-rust-1.90.toml", string.Concat(parts));
                return ("/dist/rustc.tar.xz", _site.Url);

            case "java":
                var jdk = _site.PutTar("/jdk.tgz", ("jdk-17/bin/java", program));
                _site.Put("/v3/assets/latest/17/hotspot", $$"""[{"version":{"semver":"17.0.17+10"},"binary":{"package":{"link":"{{_site.Url}}/jdk.tgz","checksum":"{{jdk}}" } } }]""");
                return ("/jdk.tgz", _site.Url);

            case "python":
                var file = $"cpython-3.12.11+20260101-{Uname}-unknown-linux-gnu-install_only_stripped.tar.gz";
                var python = _site.PutTar($"/release/{file}", ("python/bin/python3", program), ("python/lib/python3.12/os.py", ""));
                _site.Put("/latest.json", $$"""{"asset_url_prefix":"{{_site.Url}}/release"}""");
                _site.Put("/release/SHA256SUMS", $"{python}  {file}\n");
                return ($"/release/{file}", "its release (astral-sh/python-build-standalone)");

            default:
                _site.PutTar("/sdk.tgz", ("dotnet", program));
                var sdk = Convert.ToHexString(SHA512.HashData(_site.Get("/sdk.tgz")));
                _site.Put("/release-metadata/9.0/releases.json", $$"""{"releases":[{"sdk":{"version":"9.0.309","files":[{"rid":"linux-{{(IsArm ? "arm64" : "x64")}}","name":"dotnet-sdk.tar.gz","url":"{{_site.Url}}/sdk.tgz","hash":"{{sdk}}"}] } }] }""");
                return ("/sdk.tgz", _site.Url);
        }
    }

    /// <summary>Debian's lists are stood in for.</summary>
    private (int Code, string Output, string Error) Install(string language, BuildpackShell shell)
    {
        var (file, text, script) = language switch
        {
            "go" => ("go.mod", "module x\ngo 1.26.1\n", ". \"$CNB_BUILDPACK_DIR/bin/version.sh\"; install_go; \"$goroot/bin/go\""),
            "rust" => ("rust-toolchain", "1.90\n", ". \"$CNB_BUILDPACK_DIR/bin/version.sh\"; install_rust; rustc"),
            "java" => ("system.properties", "java.runtime.version=17\n", ". \"$CNB_BUILDPACK_DIR/bin/jdk.sh\"; install_jdk; \"$java_home/bin/java\""),
            "python" => (".python-version", "3.12\n", "layers=$CNB_LAYERS_DIR; . \"$CNB_BUILDPACK_DIR/bin/python.sh\"; apt_setup() { :; }; install_python; \"$python\""),
            _ => ("global.json", """{ "sdk": { "version": "9.0.300" } }""", ". \"$CNB_BUILDPACK_DIR/bin/sdk.sh\"; install_sdk 9.0; \"$sdk/dotnet\""),
        };
        var variables = new[] { $"BP_GO_SITE={_site.Url}", $"BP_RUST_SITE={_site.Url}", $"BP_JAVA_SITE={_site.Url}", $"BP_PYTHON_STANDALONE={_site.Url}/latest.json", $"BP_DOTNET_SITE={_site.Url}", "no_proxy=127.0.0.1" };
        return shell.With(file, text).Run("debian_version() { case $1 in golang-go) echo 2:1.24~2 ;; golang-*) echo 1.24.4-1 ;; rustc) echo 1.85.0+dfsg3-1 ;; python3) echo 3.13.5-1 ;; esac; }\n" + script, variables);
    }
}
