namespace Paas.Keep;

public sealed class RunFolderTests
{
    private const string MountInfo = """
        22 1 8:1 / / rw,relatime - ext4 /dev/root rw
        40 22 0:36 / /var/lib/my\040paas/run rw,nosuid,nodev - tmpfs paas-run rw,size=262144k,mode=711
        """;

    [Theory]
    [InlineData("/var/lib/my paas/run", true)]
    [InlineData("/var/lib/my paas", false)]
    [InlineData("/", true)]
    public void Mount_point_is_compared_whole_and_unescaped(string path, bool expected) => Assert.Equal(expected, RunFolder.IsMounted(MountInfo, path));
}
