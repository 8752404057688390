using System.Formats.Tar;

namespace Paas.Oci;

public sealed class SourceArchiveTests : IDisposable
{
    private readonly TempStore _store = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Files_folders_and_links_come_out_as_they_went_in_without_setuid()
    {
        await UnpackAsync(
            TarEntryTo.Folder("bin"), TarEntryTo.File("bin/run", "run", (UnixFileMode)0b100_111_101_101), TarEntryTo.File("./app.js", "app"), TarEntryTo.Symlink("main", "app.js"));

        Assert.Equal("app", await File.ReadAllTextAsync(Path.Combine(_store.Source, "app.js"), Cancellation));
        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(Path.Combine(_store.Source, "bin/run")));
        Assert.Equal("app.js", new FileInfo(Path.Combine(_store.Source, "main")).LinkTarget);
    }

    [Fact]
    public async Task Nothing_gets_out_of_the_folder()
    {
        Assert.Contains("'..'", await RefusedAsync(TarEntryTo.File("../evil")), StringComparison.Ordinal);
        Assert.Contains("absolute", await RefusedAsync(TarEntryTo.File("/etc/evil")), StringComparison.Ordinal);
        Assert.Contains("symbolic link", await RefusedAsync(TarEntryTo.Symlink("out", "/tmp"), TarEntryTo.File("out/evil")), StringComparison.Ordinal);
        Assert.Contains("hard link", await RefusedAsync(TarEntryTo.HardLink("passwd", "etc/passwd")), StringComparison.Ordinal);
        Assert.Contains("device", await RefusedAsync(new TarEntryTo(TarEntryType.CharacterDevice, "null")), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_store.Root, "evil", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }));
    }

    [Fact]
    public async Task A_bomb_and_what_is_no_tar_are_refused()
    {
        Assert.Contains("more than 2 entries", await RefusedAsync(TarEntryTo.File("a"), TarEntryTo.File("b"), TarEntryTo.File("c")), StringComparison.Ordinal);
        Assert.Contains("MB", await RefusedAsync(TarEntryTo.File("a", new string('x', 3 << 20))), StringComparison.Ordinal);
        using var noise = new MemoryStream("this is no tar at all"u8.ToArray());
        await Assert.ThrowsAsync<InvalidDataException>(() => SourceArchive.UnpackAsync(noise, _store.Source, 1 << 20, 2, Cancellation));
    }

    private async Task UnpackAsync(params TarEntryTo[] entries)
    {
        var (tar, _) = TempStore.Tar(entries);
        await SourceArchive.UnpackAsync(tar, _store.Source, 1 << 20, 10, Cancellation);
    }

    private async Task<string> RefusedAsync(params TarEntryTo[] entries)
    {
        var (tar, _) = TempStore.Tar(entries);
        return (await Assert.ThrowsAsync<InvalidDataException>(() => SourceArchive.UnpackAsync(tar, _store.Source, 1 << 20, 2, Cancellation))).Message;
    }
}
