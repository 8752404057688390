using System.Security.Cryptography;
using System.Text;
using Paas.Buildpacks;
using Paas.Builds.Debian;
using Paas.Testing;

namespace Paas.Builds;

/// <summary>What of a build's leavings is kept for others: here packages, as Debian's lists promise them.</summary>
public sealed class KeptArchivesTests : IDisposable
{
    private readonly TempFolder _root = new();
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly KeptArchives _kept;

    public KeptArchivesTests()
    {
        _kept = new KeptArchives(_root["kept"], _time);
        List("main_binary-amd64", ("pool/main/h/hello/hello_2.10-5_amd64.deb", "hello"), ("pool/main/t/tree/tree_2.1~rc1_amd64.deb", "tree"));
        List("security_binary-amd64", ("pool/updates/main/h/hello/hello_2.10-5_amd64.deb", "hello, mended"));
    }

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("hello_2.10-5_amd64.deb", "hello", true)]
    [InlineData("hello_2.10-5_amd64.deb", "hello, mended", true)]
    [InlineData("tree_2.1~rc1_amd64.deb", "tree", true)]
    [InlineData("hello_2.10-5_amd64.deb", "tree", false)]
    [InlineData("hello_2.10-5_amd64.deb", "", false)]
    [InlineData("other_1_amd64.deb", "hello", false)]
    [InlineData("hello_2.10-5_amd64.deb.txt", "hello", false)]
    public void What_a_build_fetched_is_kept_when_debian_promises_exactly_this(string name, string content, bool kept)
    {
        _root.Write($"build/.fetched/{name}", content);

        Assert.Equal(kept ? 1 : 0, Take());
        Assert.Equal(kept ? [name] : [], Kept());
    }

    [Fact]
    public void A_link_is_not_followed()
    {
        Directory.CreateDirectory(_root["build/.fetched"]);
        File.CreateSymbolicLink(_root["build/.fetched/hello_2.10-5_amd64.deb"], _root.Write("outside", "hello"));

        Assert.Equal(0, Take());
    }

    [Fact]
    public void A_folder_that_is_a_link_is_not_followed_either()
    {
        _root.Write("elsewhere/hello_2.10-5_amd64.deb", "hello");
        Directory.CreateDirectory(_root["build"]);
        Directory.CreateSymbolicLink(_root["build/.fetched"], _root["elsewhere"]);

        Assert.Equal(0, Take());
    }

    [Fact]
    public void A_build_that_fetched_nothing_leaves_nothing() => Assert.Equal(0, Take());

    [Fact]
    public void What_was_damaged_on_the_disk_is_replaced_by_what_a_build_fetched_again()
    {
        _root.Write("kept/hello_2.10-5_amd64.deb", "hel");
        _root.Write("build/.fetched/hello_2.10-5_amd64.deb", "hello");

        Assert.Equal(1, Take());
        Assert.Equal("hello", File.ReadAllText(_root["kept/hello_2.10-5_amd64.deb"]));
    }

    [Fact]
    public void That_goes_first_which_no_build_used_for_longest()
    {
        foreach (var (name, age) in new[] { ("old.deb", 3), ("older.deb", 4), ("oldest.deb", 5), ("new.deb", 1) })
        {
            File.SetLastWriteTimeUtc(_root.Write($"kept/{name}", "12345"), _time.GetUtcNow().UtcDateTime.AddDays(-age));
        }

        _root.Write($"build/.fetched{KeptArchives.Used}/older.deb", "");
        _root.Write($"build/.fetched{KeptArchives.Used}/unknown.deb", "");
        Take();
        _kept.RemoveOldest(12);

        Assert.Equal(["new.deb", "older.deb"], Kept());
    }

    private int Take() =>
        _kept.Take(new UntrustedTree(Directory.CreateDirectory(_root["build"]).FullName), ".fetched", names => DebianIndex.Find(_root["lists"], names), TestContext.Current.CancellationToken);

    private IEnumerable<string?> Kept() => Directory.Exists(_kept.Folder) ? Directory.GetFiles(_kept.Folder).Select(Path.GetFileName).Order() : [];

    private void List(string name, params (string File, string Content)[] packages) => _root.Write($"lists/{name}_Packages", string.Join("\n\n", packages.Select(package =>
        $"Package: x\nFilename: {package.File}\nSize: 1\nSHA256: {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(package.Content)))}")) + "\n");
}
