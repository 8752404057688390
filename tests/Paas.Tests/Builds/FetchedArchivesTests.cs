using System.Security.Cryptography;
using System.Text;
using Paas.Buildpacks;
using Paas.Testing;

namespace Paas.Builds;

/// <summary>Archives that are named by their own hash: what a build leaves under a name is kept only with the content of that name.</summary>
public sealed class FetchedArchivesTests : IDisposable
{
    private readonly TempFolder _root = new();
    private readonly FetchedArchives _archives;
    private readonly Buildpack _buildpack = new() { Id = "paas/go", Version = "1", Api = BuildpackApi.Newest, Directory = "/none", Inside = "/cnb/buildpacks/paas/go" };

    public FetchedArchivesTests() => _archives = new FetchedArchives(new StackCache(_root["cache"]), new ManualTime(DateTimeOffset.UnixEpoch));

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Both_hashes_are_names()
    {
        var names = new[] { Sha256("go"), Sha512("go"), Sha512("") };
        Leave(names[0], "go");
        Leave(names[1], "go");
        Leave(names[2], "");

        Assert.Equal(3, Keep());
        Assert.Equal(names.Order(StringComparer.Ordinal), Kept());
    }

    [Theory]
    [InlineData("sha256-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("sha1-da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    [InlineData("go1.25.1.linux-amd64.tar.gz")]
    [InlineData(".hidden")]
    [InlineData("sha256-")]
    public void What_has_not_the_content_of_its_name_is_not_kept(string name)
    {
        Leave(name, "another");

        Assert.Equal(0, Keep());
        Assert.Empty(Kept());
    }

    [Fact]
    public void Names_are_taken_as_they_are_written()
    {
        Leave(Sha256("go").ToUpperInvariant(), "go");
        Leave(Sha256("go") + ".part", "go");
        Leave("x-" + Sha256("go"), "go");
        Leave(Sha256("go").Replace('-', ':'), "go");

        Assert.Equal(0, Keep());
    }

    [Fact]
    public void A_link_is_not_followed()
    {
        Directory.CreateDirectory(_root[$"layers/paas_go/{FetchedArchives.Fetched}"]);
        File.CreateSymbolicLink(_root[$"layers/paas_go/{FetchedArchives.Fetched}/{Sha256("go")}"], _root.Write("outside", "go"));

        Assert.Equal(0, Keep());
        Assert.Empty(Kept());
    }

    [Fact]
    public void What_is_kept_is_never_replaced_by_something_else()
    {
        Leave(Sha256("go"), "go");
        Keep();
        Leave(Sha256("go"), "another");

        Assert.Equal(0, Keep());
        Assert.Equal("go", File.ReadAllText(_root[$"cache/archives/{Sha256("go")}"]));
    }

    private static string Sha256(string content) => "sha256-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    private static string Sha512(string content) => "sha512-" + Convert.ToHexStringLower(SHA512.HashData(Encoding.UTF8.GetBytes(content)));

    private void Leave(string name, string content) => _root.Write($"layers/paas_go/{FetchedArchives.Fetched}/{name}", content);

    private int Keep() => _archives.Keep(new UntrustedTree(_root["layers"]), _buildpack, TestContext.Current.CancellationToken);

    private IEnumerable<string?> Kept() => Directory.Exists(_root["cache/archives"]) ? Directory.GetFiles(_root["cache/archives"]).Select(Path.GetFileName).Order(StringComparer.Ordinal) : [];
}
