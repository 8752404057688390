using System.Security.Cryptography;
using System.Text;
using Paas.Buildpacks;

namespace Paas.Builds.Debian;

public sealed class KeptArchivesTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("paas-archives-");
    private readonly KeptArchives _kept;

    public KeptArchivesTests()
    {
        _kept = new KeptArchives(Folder("kept"));
        List("main_binary-amd64", ("pool/main/h/hello/hello_2.10-5_amd64.deb", "hello"), ("pool/main/t/tree/tree_2.1~rc1_amd64.deb", "tree"));
        List("security_binary-amd64", ("pool/updates/main/h/hello/hello_2.10-5_amd64.deb", "hello, mended"));
    }

    private string Lists => Folder("lists");

    public void Dispose() => _root.Delete(recursive: true);

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
        File.WriteAllText(Path.Combine(Folder("build/.fetched"), name), content);

        Assert.Equal(kept ? 1 : 0, Take());
        Assert.Equal(kept ? [name] : [], Directory.GetFiles(_kept.Folder).Select(Path.GetFileName));
    }

    [Fact]
    public void A_link_is_not_followed()
    {
        File.CreateSymbolicLink(Path.Combine(Folder("build/.fetched"), "hello_2.10-5_amd64.deb"), Write("outside", "hello"));

        Assert.Equal(0, Take());
    }

    [Fact]
    public void A_folder_that_is_a_link_is_not_followed_either()
    {
        Write("elsewhere/hello_2.10-5_amd64.deb", "hello");
        Directory.CreateSymbolicLink(Path.Combine(Folder("build"), ".fetched"), Folder("elsewhere"));

        Assert.Equal(0, Take());
    }

    [Fact]
    public void A_build_that_fetched_nothing_leaves_nothing() => Assert.Equal(0, Take());

    [Fact]
    public void The_oldest_go_when_there_are_too_many()
    {
        foreach (var (name, age) in new[] { ("old.deb", 3), ("older.deb", 4), ("new.deb", 1) })
        {
            File.SetLastWriteTimeUtc(Write($"kept/{name}", "12345"), new DateTime(2026, 1, 10, 0, 0, 0, DateTimeKind.Utc).AddDays(-age));
        }

        _kept.RemoveOldest(12);

        Assert.Equal(["new.deb", "old.deb"], Directory.GetFiles(_kept.Folder).Select(Path.GetFileName).Order());
    }

    private int Take() => _kept.Take(new UntrustedTree(Folder("build")), ".fetched", Lists, TestContext.Current.CancellationToken);

    private void List(string name, params (string File, string Content)[] packages) => Write($"lists/{name}_Packages", string.Join("\n\n", packages.Select(package =>
        $"Package: x\nFilename: {package.File}\nSize: 1\nSHA256: {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(package.Content)))}")) + "\n");

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_root.FullName, name)).FullName;

    private string Write(string name, string content)
    {
        var file = Path.Combine(_root.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return file;
    }
}
