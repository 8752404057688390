using System.Security.Cryptography;
using System.Text;

namespace Paas.Languages;

/// <summary>lib/fetch.sh: archives of makers, used only with the content that is promised, and kept for other builds.</summary>
public sealed class FetchTests : IAsyncLifetime
{
    private const string Content = "the archive";

    private readonly BuildpackShell _shell = new("go");
    private MakersSite _site = null!;

    private static string Sha512 => Convert.ToHexStringLower(SHA512.HashData(Encoding.UTF8.GetBytes(Content)));

    private string Shared => Path.Combine(_shell.App, "shared");

    private string Fetched => Path.Combine(_shell.Layers, ".fetched/archives");

    private string Sha256 => _site.Put("/go.tgz", Content);

    public async ValueTask InitializeAsync() => _site = await MakersSite.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _site.DisposeAsync();
    }

    [Fact]
    public void Without_a_platform_that_keeps_archives_it_is_simply_fetched()
    {
        Assert.Equal((0, Content, ""), Fetch(Sha256));
        Assert.False(Directory.Exists(Fetched));
    }

    [Fact]
    public void What_was_fetched_is_left_for_the_platform_to_keep()
    {
        Directory.CreateDirectory(Shared);

        Assert.Equal((0, Content, ""), Fetch(Sha256));
        Assert.Equal(Content, File.ReadAllText(Path.Combine(Fetched, $"sha256-{Sha256}")));
        Assert.Equal((0, Content, ""), Fetch(Sha256));
        Assert.Single(_site.Asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_platform_keeps_is_not_fetched(bool asNpmWritesIt)
    {
        _shell.With($"shared/sha512-{Sha512}", Content);

        var (code, content, error) = Fetch(asNpmWritesIt ? "sha512-" + Convert.ToBase64String(Convert.FromHexString(Sha512)) : Sha512.ToUpperInvariant());

        Assert.Equal((0, Content, "Go 1.25.1: a build has fetched it before\n"), (code, content, error));
        Assert.Empty(_site.Asked);
        Assert.True(File.Exists(Path.Combine($"{Fetched}.used", $"sha512-{Sha512}")));
    }

    [Fact]
    public void What_was_damaged_on_the_platform_is_fetched_again()
    {
        _shell.With($"shared/sha256-{Sha256}", "the");

        Assert.Equal((0, Content, ""), Fetch(Sha256));
        Assert.Equal(Content, File.ReadAllText(Path.Combine(Fetched, $"sha256-{Sha256}")));
    }

    [Fact]
    public void Other_content_than_promised_ends_the_build()
    {
        Directory.CreateDirectory(Shared);
        var promised = _site.Put("/go.tgz", "what the makers made");
        _site.Put("/go.tgz", "what somebody made of it");

        Assert.Equal((1, "", "package_damaged: Go 1.25.1 does not have the content that go.dev promises: it is not used.\n"), Fetch(promised));
        Assert.Empty(Directory.GetFiles(Fetched));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=")]
    public void What_nobody_promises_anything_of_is_not_used(string hash)
    {
        Assert.Equal((1, "", "package_unchecked: Go 1.25.1 cannot be checked, because go.dev promises neither a sha256 nor a sha512 of it: it is not used.\n"), Fetch(hash));
        Assert.Empty(_site.Asked);
    }

    [Fact]
    public void A_site_that_gives_nothing_is_left_to_the_buildpack()
    {
        var (code, content, error) = Fetch(Sha256, "/none.tgz");

        Assert.Equal((3, ""), (code, content));
        Assert.Contains("404", error, StringComparison.Ordinal);
    }

    private (int Code, string Output, string Error) Fetch(string hash, string path = "/go.tgz") => _shell.Run(
        $"archives_shared={Shared}; fetch_archive {_site.Url}{path} '{hash}' ../go.tgz 'Go 1.25.1' go.dev || exit 3; cat ../go.tgz",
        "no_proxy=127.0.0.1");
}
