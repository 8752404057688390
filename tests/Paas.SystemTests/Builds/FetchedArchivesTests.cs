using System.Security.Cryptography;
using System.Text;
using Paas.Languages;
using Paas.Testing;

namespace Paas.Builds;

/// <summary>Archives that builds fetch from makers: once for all apps, and never with another content than their name's.</summary>
public sealed class FetchedArchivesTests : IAsyncLifetime
{
    private const string Launch = """

        printf '[[processes]]\ntype = "web"\ncommand = ["bash", "app.sh"]\ndefault = true\n' > "$CNB_LAYERS_DIR/launch.toml"

        """;

    private PrivateAddress _address = null!;
    private MakersSite _site = null!;
    private BuildLab _lab = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _address = await PrivateAddress.AddAsync();
        _site = await MakersSite.StartAsync(_address.Address);
        _lab = await BuildLab.StartAsync(options => options, Token, () => HostSettings.From(new Dictionary<string, string> { ["NPM_CONFIG_REGISTRY"] = _site.Url }, [], [], null));
        _lab.AddLibrary("say.sh", "fetch.sh");
    }

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
        {
            // The machine's: what a test leaves there it takes away.
            foreach (var hash in _site.Hashes)
            {
                File.Delete(Path.Combine(_lab.Archives, $"sha256-{hash}"));
            }

            await _lab.DisposeAsync();
            await _site.DisposeAsync();
            await _address.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_one_app_fetched_no_other_app_fetches()
    {
        var hash = _site.Put("/tool.tgz", $"a tool {Guid.NewGuid()}");
        _lab.Metadata = "[metadata]\narchives = \"kept\"\n";

        Assert.IsType<BuildResult.Built>(await FetchAsync(1, hash));
        Assert.DoesNotContain("Tool 1.0: a build has fetched it before", _lab.Lines);
        Assert.Equal(["/tool.tgz"], _site.Asked);

        Assert.IsType<BuildResult.Built>(await FetchAsync(2, hash));
        Assert.Contains("Tool 1.0: a build has fetched it before", _lab.Lines);
        Assert.Equal(["/tool.tgz"], _site.Asked);
    }

    [Fact]
    public async Task What_was_fetched_is_kept_also_when_the_build_fails_afterwards()
    {
        var hash = _site.Put("/tool.tgz", $"a tool {Guid.NewGuid()}");
        _lab.Metadata = "[metadata]\narchives = \"kept\"\n";

        Assert.IsType<BuildResult.Failed>(await FetchAsync(1, hash, "exit 1"));
        Assert.IsType<BuildResult.Built>(await FetchAsync(2, hash));
        Assert.Single(_site.Asked);
    }

    [Fact]
    public async Task A_build_can_neither_write_there_nor_leave_another_content_than_the_names()
    {
        var real = $"a tool {Guid.NewGuid()}";
        var name = $"sha256-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(real)))}";
        _lab.Metadata = "[metadata]\narchives = \"kept\"\n";

        Assert.IsType<BuildResult.Built>(await _lab.BuildAsync(
            $"""
            echo evil > /cnb/archives/{name} || echo "nobody writes there"
            mkdir -p "$CNB_LAYERS_DIR/.fetched/archives" "$CNB_LAYERS_DIR/.fetched/archives.used"
            echo evil > "$CNB_LAYERS_DIR/.fetched/archives/{name}"
            ln -s ../../../other "$CNB_LAYERS_DIR/.fetched/archives.used/{name}"
            {Launch}
            """,
            null,
            Token));

        Assert.Contains("nobody writes there", _lab.Lines);
        Assert.False(File.Exists(Path.Combine(_lab.Archives, name)));
    }

    [Fact]
    public async Task A_buildpack_that_does_not_ask_for_them_sees_none()
    {
        Assert.IsType<BuildResult.Built>(await _lab.BuildAsync("[ -e /cnb/archives ] || echo 'nothing there'" + Launch, null, Token));
        Assert.Contains("nothing there", _lab.Lines);
    }

    private Task<BuildResult> FetchAsync(int app, string hash, string then = "")
    {
        _lab.AppId = app;
        return _lab.BuildAsync(
            $"""
            . "$CNB_BUILDPACK_DIR/lib/say.sh"
            . "$CNB_BUILDPACK_DIR/lib/fetch.sh"
            export no_proxy='*'
            fetch_archive {_site.Url}/tool.tgz {hash} /tmp/tool.tgz 'Tool 1.0' 'the site'
            cat /tmp/tool.tgz
            {then}
            {Launch}
            """,
            null,
            Token);
    }
}
