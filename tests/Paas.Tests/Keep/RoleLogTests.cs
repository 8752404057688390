namespace Paas.Keep;

public sealed class RoleLogTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("paas-log-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Large_log_is_moved_aside_and_its_writer_goes_on_in_the_same_file()
    {
        var log = Path.Combine(_folder.FullName, "edge.log");
        using var writer = new FileStream(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        writer.Write("0123456789"u8);
        writer.Flush();
        Assert.False(RoleLog.Rotate(log, 10));
        Assert.True(RoleLog.Rotate(log, 9));
        Assert.Equal("0123456789", File.ReadAllText(log + ".1"));
        Assert.Equal(0, new FileInfo(log).Length);
    }
}
