using Paas.Oci;

namespace Paas.Buildpacks;

public sealed class OsReleaseTests
{
    private const string Debian = "PRETTY_NAME=\"Debian GNU/Linux 13\"\nVERSION_ID=\"13\"\nID=debian\n";

    [Theory]
    [InlineData(Debian, "debian", "13")]
    [InlineData("ID = \"ubuntu\" \nVERSION_ID='24.04'", "ubuntu", "24.04")]
    [InlineData("ID=alpine", "alpine", null)]
    [InlineData("", null, null)]
    [InlineData("ID=\nnonsense", null, null)]
    public void Names_distribution_and_version(string text, string? id, string? version) => Assert.Equal((id, version), OsRelease.Parse(text));

    [Theory]
    [InlineData("etc/os-release")]
    [InlineData("usr/lib/os-release")]
    public void The_uppermost_layer_of_the_run_image_that_has_one_counts(string path)
    {
        var root = Directory.CreateTempSubdirectory("paas-os-").FullName;
        try
        {
            DiffId[] layers = [new(Digest.Of("lower"u8)), new(Digest.Of("middle"u8)), new(Digest.Of("not unpacked"u8))];
            LifecycleBench.Write(Path.Combine(root, "0/etc/os-release"), "ID=old");
            LifecycleBench.Write(Path.Combine(root, "1", path), Debian);
            Directory.CreateDirectory(Path.Combine(root, "1/etc"));
            if (path != "etc/os-release")
            {
                File.CreateSymbolicLink(Path.Combine(root, "1/etc/os-release"), "../usr/lib/os-release");
            }

            var image = new ImageConfig { Architecture = "arm", Variant = "v7", Os = "linux", RootFs = new RootFs { DiffIds = layers } };

            var target = Target.Of(image, diffId => Array.IndexOf(layers, diffId) is var index and < 2 ? Path.Combine(root, $"{index}") : null);

            Assert.Equal(new Target("linux", "arm", "v7", "debian", "13"), target);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
