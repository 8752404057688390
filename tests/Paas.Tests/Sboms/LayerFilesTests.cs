using System.Text;
using Paas.Oci;

namespace Paas.Sboms;

public sealed class LayerFilesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("paas-files-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Files_are_read_from_the_snapshot_or_the_tar_and_links_are_not_followed(bool unpacked)
    {
        var token = TestContext.Current.CancellationToken;
        var (blobs, snapshots) = (new BlobStore(Path.Combine(_root, "blobs")), new Snapshots(Path.Combine(_root, "snapshots")));
        var tree = Directory.CreateDirectory(Path.Combine(_root, "tree")).FullName;
        Directory.CreateDirectory(Path.Combine(tree, "var/lib/dpkg/status.d"));
        await File.WriteAllTextAsync(Path.Combine(tree, "var/lib/dpkg/status.d/base"), "Package: base\nVersion: 1\n", token);
        File.CreateSymbolicLink(Path.Combine(tree, "var/lib/dpkg/status"), "/etc/passwd");
        File.CreateSymbolicLink(Path.Combine(tree, "lib"), "/usr/lib");
        var layer = await new Layers(blobs, snapshots).CreateAsync([new LayerSource(Path.Combine(tree, "var"), "var", 0, 0), new LayerSource(null, "lib", 0, 0, SymlinkTarget: "/usr/lib")], token);
        var read = new LayerFiles(blobs, unpacked ? snapshots : new Snapshots(Path.Combine(_root, "none")));

        var files = await read.ReadAsync(layer.DiffId, layer.Blob, DistributionPackages.Places, token);

        Assert.Equal(["var/lib/dpkg/status.d/base"], files.Keys);
        Assert.Equal(["base 1 image"], DistributionPackages.Read("var/lib/dpkg/status.d/base", files.Values.Single(), "image").Select(package => $"{package.Name} {package.Version} {package.Origin}"));
    }

    [Fact]
    public void Alpines_packages_are_read_too()
    {
        var packages = DistributionPackages.Read("lib/apk/db/installed", Encoding.UTF8.GetBytes("C:Q1abc\nP:musl\nV:1.2.5-r0\nA:x86_64\no:musl\n\nP:libssl3\nV:3.3.0-r2\no:openssl\nF:lib\nR:libssl.so.3\n\n"), "image");

        Assert.Equal(["musl 1.2.5-r0 ", "libssl3 3.3.0-r2 openssl"], packages.Select(package => $"{package.Name} {package.Version} {package.Source}"));
    }

    [Fact]
    public void What_was_removed_is_not_inside()
    {
        var packages = DistributionPackages.Read("var/lib/dpkg/status", Encoding.UTF8.GetBytes("Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: here\nStatus: install ok installed\nDescription: x\n more: y\nVersion: 2\n"), "run image");

        Assert.Equal(["here"], packages.Select(package => package.Name));
    }
}
