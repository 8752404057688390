namespace Paas.Engine.Native.Disk;

public sealed class DirectoryTreeTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("paas-tree-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Empty_files_are_not_free_for_inodes_run_out_too()
    {
        for (var number = 0; number < 100; number++)
        {
            File.Create(Path.Combine(_root.FullName, $"{number}")).Dispose();
        }

        Assert.InRange(DirectoryTree.AllocatedBytes(_root.FullName), 100 * DirectoryTree.LeastBytes, 101 * DirectoryTree.LeastBytes);
    }

    [Fact]
    public void Links_are_counted_and_not_followed()
    {
        File.CreateSymbolicLink(Path.Combine(_root.FullName, "usr"), "/usr");

        Assert.Equal(DirectoryTree.LeastBytes, DirectoryTree.AllocatedBytes(_root.FullName));
    }
}
