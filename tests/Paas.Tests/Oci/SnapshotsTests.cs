using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Paas.Oci;

public sealed class SnapshotsTests : IDisposable
{
    private readonly TempStore _store = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static void NeedsRoot() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "owners and overlayfs attributes need root");

    [Fact]
    public async Task Files_folders_and_links_come_out_as_they_went_in()
    {
        var path = await _store.Unpack(
            TarEntryTo.Folder("app/"),
            TarEntryTo.File("app/run", "#!/bin/sh\n", (UnixFileMode)0x1ED),
            TarEntryTo.Symlink("app/absolute", "/usr/bin/env"),
            TarEntryTo.Symlink("app/outside", "../../../../etc/passwd"),
            TarEntryTo.HardLink("app/same", "app/run"),
            TarEntryTo.File("./" + new string('d', 120) + "/" + new string('n', 200), "long"));
        Assert.Equal("#!/bin/sh\n", await File.ReadAllTextAsync(Path.Combine(path, "app/run"), Cancellation));
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(Path.Combine(path, "app/run")));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_000_000_000).UtcDateTime, File.GetLastWriteTimeUtc(Path.Combine(path, "app/run")));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_000_000_000).UtcDateTime, Directory.GetLastWriteTimeUtc(Path.Combine(path, "app")));
        Assert.Equal("/usr/bin/env", new FileInfo(Path.Combine(path, "app/absolute")).LinkTarget);
        Assert.Equal("../../../../etc/passwd", new FileInfo(Path.Combine(path, "app/outside")).LinkTarget);
        Assert.Equal("#!/bin/sh\n", await File.ReadAllTextAsync(Path.Combine(path, "app/same"), Cancellation));
        Assert.Equal("long", await File.ReadAllTextAsync(Path.Combine(path, new string('d', 120), new string('n', 200)), Cancellation));
        Assert.Empty(_store.Leftovers);
    }

    [Fact]
    public async Task Owners_and_setuid_are_the_images_own()
    {
        NeedsRoot();
        var path = await _store.Unpack(
            new TarEntryTo(TarEntryType.RegularFile, "bin/su", "x", (UnixFileMode)0x9ED, 0, 42),
            new TarEntryTo(TarEntryType.Directory, "home/", "", (UnixFileMode)0x1C0, 1000, 1001),
            new TarEntryTo(TarEntryType.SymbolicLink, "home/link", "x", Uid: 1000, Gid: 1001));
        Assert.Equal("9ed 0 42", await Stat(path, "bin/su"));
        Assert.Equal("1c0 1000 1001", await Stat(path, "home"));
        Assert.EndsWith("1000 1001", await Stat(path, "home/link"), StringComparison.Ordinal);
        Assert.Equal("1ed 0 0", await Stat(path, "bin"));
        Assert.Equal("1ed 0 0", await Stat(path, "."));
        Assert.Equal("1c0 0 0", await Stat(_store.Root, "snapshots"));
    }

    [Theory]
    [InlineData("x/../../y", "it has '..'")]
    [InlineData("../x", "it has '..'")]
    [InlineData("a/../../x", "it has '..'")]
    [InlineData("a/..", "it has '..'")]
    public async Task Names_that_lead_outside_are_refused(string name, string why)
    {
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => _store.Unpack(TarEntryTo.File(name)));
        Assert.Equal($"The entry '{name}' is refused: {why}.", refused.Message);
        Assert.Empty(_store.Leftovers);
    }

    [Fact]
    public async Task A_name_with_a_slash_in_front_lies_below_the_images_root()
    {
        var path = await _store.Unpack(TarEntryTo.File("/layers/app/name"), TarEntryTo.File("//layers/app/other"));

        Assert.True(File.Exists(Path.Combine(path, "layers/app/name")));
        Assert.True(File.Exists(Path.Combine(path, "layers/app/other")));
    }

    [Fact]
    public async Task A_file_through_a_symlink_of_the_same_layer_is_refused()
    {
        var target = Directory.CreateDirectory(Path.Combine(_store.Root, "host")).FullName;
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => _store.Unpack(TarEntryTo.Symlink("out", target), TarEntryTo.File("out/evil")));
        Assert.Equal("The entry 'out/evil' is refused: a symbolic link stands in its path.", refused.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(target));
    }

    [Fact]
    public async Task A_file_named_as_an_earlier_symlink_replaces_the_link_not_its_target()
    {
        var target = Path.Combine(_store.Root, "host-file");
        await File.WriteAllTextAsync(target, "untouched", Cancellation);
        var path = await _store.Unpack(TarEntryTo.Symlink("out", target), TarEntryTo.File("out", "mine"));
        Assert.Equal("untouched", await File.ReadAllTextAsync(target, Cancellation));
        Assert.Null(new FileInfo(Path.Combine(path, "out")).LinkTarget);
    }

    [Theory]
    [InlineData("../host-file")]
    [InlineData("/etc/hostname")]
    [InlineData("missing")]
    [InlineData("link/hostname")]
    [InlineData("folder")]
    public async Task Hard_links_reach_files_of_their_layer_only(string target)
    {
        await File.WriteAllTextAsync(Path.Combine(_store.Root, "host-file"), "x", Cancellation);
        await Assert.ThrowsAsync<InvalidDataException>(() => _store.Unpack(TarEntryTo.Symlink("link", "/etc"), TarEntryTo.Folder("folder/"), TarEntryTo.HardLink("evil", target)));
        Assert.Empty(_store.Leftovers);
    }

    [Fact]
    public async Task Device_nodes_and_fifos_are_left_out_with_a_note()
    {
        var (tar, diffId) = TempStore.Tar(
            new TarEntryTo(TarEntryType.CharacterDevice, "dev/null"),
            new TarEntryTo(TarEntryType.Fifo, "run/pipe"),
            TarEntryTo.File("kept"));
        var notes = await _store.Snapshots.UnpackAsync(tar, diffId, Cancellation);
        Assert.Equal(["Left out the device node 'dev/null': the platform makes /dev itself.", "Left out the fifo 'run/pipe'."], notes);
        Assert.Equal(["kept"], Directory.EnumerateFileSystemEntries(_store.Snapshots.PathOf(diffId)!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task More_entries_than_allowed_are_refused()
    {
        using var small = new TempStore(new LayerLimits(10, 1 << 20));
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => small.Unpack(Enumerable.Range(0, 11).Select(number => TarEntryTo.File($"f{number}"))));
        Assert.Equal("The layer is refused: it has more than 10 entries.", refused.Message);
        Assert.Empty(small.Leftovers);
    }

    [Fact]
    public async Task A_gzip_bomb_is_refused_without_being_written()
    {
        using var small = new TempStore(new LayerLimits(10, 1L << 30));
        var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
        {
            var header = TarHeader("bomb", 2L << 30);
            await gzip.WriteAsync(header, Cancellation);
        }

        bomb.Position = 0;
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => small.Snapshots.UnpackAsync(bomb, new DiffId(Digest.Of("x"u8)), Cancellation));
        Assert.Equal("The layer is refused: 'bomb' alone is larger than 1 GB.", refused.Message);
    }

    [Fact]
    public async Task A_cut_off_tar_is_refused()
    {
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() =>
            _store.Snapshots.UnpackAsync(new MemoryStream([.. TarHeader("file", 5000), 1, 2, 3]), new DiffId(Digest.Of("x"u8)), Cancellation));
        Assert.Equal("The layer is refused: its tar ends in the middle of an entry.", refused.Message);
        Assert.Empty(_store.Leftovers);
    }

    [Fact]
    public async Task Something_that_is_no_tar_is_refused() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => _store.Snapshots.UnpackAsync(new MemoryStream(Encoding.ASCII.GetBytes(new string('x', 2000))), new DiffId(Digest.Of("x"u8)), Cancellation));

    [Fact]
    public async Task A_layer_with_another_diff_id_leaves_nothing()
    {
        var (tar, _) = TempStore.Tar(TarEntryTo.File("a"));
        var promised = new DiffId(Digest.Of("another"u8));
        await Assert.ThrowsAsync<DigestMismatchException>(() => _store.Snapshots.UnpackAsync(tar, promised, Cancellation));
        Assert.False(_store.Snapshots.Contains(promised));
        Assert.Empty(_store.Leftovers);
    }

    [Fact]
    public async Task Whiteouts_become_those_of_overlayfs()
    {
        NeedsRoot();
        var path = await _store.Unpack(
            TarEntryTo.File("etc/.wh.gone", ""),
            TarEntryTo.File("var/.wh..wh..opq", ""),
            TarEntryTo.File("var/kept"),
            TarEntryTo.File(".wh..wh.plnk", ""));
        Assert.Equal("character special file 0 0", await Run("stat", "--format", "%F %t %T", Path.Combine(path, "etc/gone")));
        Assert.Equal("y", await Run("python3", "-c", "import os,sys;print(os.getxattr(sys.argv[1],'trusted.overlay.opaque').decode())", Path.Combine(path, "var")));
        Assert.Equal(["etc", "var"], Directory.EnumerateFileSystemEntries(path).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_folder_that_is_deleted_and_made_anew_in_one_layer_hides_the_lower_one(bool whiteoutFirst)
    {
        NeedsRoot();
        TarEntryTo whiteout = TarEntryTo.File(".wh.folder", ""), folder = TarEntryTo.Folder("folder/");
        var path = await _store.Unpack([.. whiteoutFirst ? (TarEntryTo[])[whiteout, folder] : [folder, whiteout], TarEntryTo.File("folder/new")]);
        Assert.Equal("y", await Run("python3", "-c", "import os,sys;print(os.getxattr(sys.argv[1],'trusted.overlay.opaque').decode())", Path.Combine(path, "folder")));
        Assert.True(File.Exists(Path.Combine(path, "folder/new")));
    }

    [Theory]
    [InlineData("a/.wh.")]
    [InlineData("a/.wh..")]
    [InlineData("a/.wh...")]
    public async Task Whiteouts_of_nothing_or_of_the_parent_are_refused(string name) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => _store.Unpack(TarEntryTo.File(name, "")));

    [Fact]
    public async Task Attributes_that_steer_overlayfs_are_left_out()
    {
        var (tar, diffId) = TempStore.Tar(TarEntryTo.File("f") with
        {
            Pax = new() { ["SCHILY.xattr.user.note"] = "kept", ["SCHILY.xattr.trusted.overlay.redirect"] = "/etc", ["SCHILY.xattr.user.overlay.opaque"] = "y" },
        });
        var notes = await _store.Snapshots.UnpackAsync(tar, diffId, Cancellation);
        Assert.Equal(
            ["Left out the attribute trusted.overlay.redirect of 'f'.", "Left out the attribute user.overlay.opaque of 'f'."],
            notes.Order());
        Assert.Equal("user.note", await Run("python3", "-c", "import os,sys;print(','.join(os.listxattr(sys.argv[1])))", Path.Combine(_store.Snapshots.PathOf(diffId)!, "f")));
    }

    [Fact]
    public async Task Gzip_and_zstd_are_told_by_their_first_bytes()
    {
        var (tar, diffId) = TempStore.Tar(TarEntryTo.File("f", new string('z', 100_000)));
        var plain = Path.Combine(_store.Root, "layer.tar");
        await File.WriteAllBytesAsync(plain, tar.ToArray(), Cancellation);
        await Run("zstd", "-q", plain);
        await Run("gzip", "--keep", plain);
        foreach (var packed in new[] { plain + ".zst", plain + ".gz" })
        {
            await using var stream = File.OpenRead(packed);
            await _store.Snapshots.UnpackAsync(stream, diffId, Cancellation);
            Assert.Equal(100_000, new FileInfo(Path.Combine(_store.Snapshots.PathOf(diffId)!, "f")).Length);
            Assert.True(_store.Snapshots.TryDelete(diffId, DateTimeOffset.MaxValue, () => true));
        }

        var damaged = await File.ReadAllBytesAsync(plain + ".zst", Cancellation);
        await Assert.ThrowsAsync<InvalidDataException>(() => _store.Snapshots.UnpackAsync(new MemoryStream(damaged[..20]), diffId, Cancellation));
        Assert.Empty(_store.Leftovers);
    }

    [Fact]
    public async Task A_tar_of_the_systems_own_tar_with_old_and_odd_names_is_read()
    {
        _store.Write("plain", "1");
        _store.Write("with\nnewline", "2");
        _store.Write("ümlaut/" + new string('l', 180), "3");
        var program = Path.Combine(_store.Root, "gnu.tar");
        foreach (var format in new[] { "gnu", "pax" })
        {
            await Run("tar", "--create", "--format", format, "--file", program, "--directory", _store.Source, ".");
            var diffId = new DiffId(Digest.Of(await File.ReadAllBytesAsync(program, Cancellation)));
            await using var stream = File.OpenRead(program);
            await _store.Snapshots.UnpackAsync(stream, diffId, Cancellation);
            Assert.Equal("", await Run("diff", "--recursive", "--no-dereference", _store.Source, _store.Snapshots.PathOf(diffId)!));
        }
    }

    [Fact]
    public async Task Unpacking_what_is_there_reads_nothing()
    {
        var (tar, diffId) = TempStore.Tar(TarEntryTo.File("f"));
        await _store.Snapshots.UnpackAsync(tar, diffId, Cancellation);
        await _store.Snapshots.UnpackAsync(Stream.Null, diffId, Cancellation);
        Assert.Equal([diffId], _store.Snapshots.All());
    }

    [Fact]
    public async Task Removal_copes_with_any_depth_and_follows_no_link()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_store.Root, "outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "kept"), "x", Cancellation);
        var tree = Directory.CreateDirectory(Path.Combine(_store.Root, "tree")).FullName;
        await Run("python3", "-c", """
            import os,sys
            os.chdir(sys.argv[1]); os.symlink(sys.argv[2],'link'); open('.removing-0','w'); os.mkdir('.removing-1'); open(b'\xff\n','w')
            for i in range(1200):
                os.mkdir('deep'); os.chdir('deep')
            """, tree, outside);
        TreeRemoval.Remove(tree);
        Assert.False(Directory.Exists(tree));
        Assert.True(File.Exists(Path.Combine(outside, "kept")));
    }

    [Fact]
    public async Task A_snapshot_whose_lease_was_renewed_stays_and_one_that_is_deleted_is_unpacked_again()
    {
        var (tar, diffId) = TempStore.Tar(TarEntryTo.File("f", "x"));
        await _store.Snapshots.UnpackAsync(tar, diffId, Cancellation);
        var hour = TimeProvider.System.GetUtcNow().AddHours(-1);
        Assert.False(_store.Snapshots.TryDelete(diffId, hour, () => true));
        Directory.SetLastWriteTimeUtc(_store.Snapshots.PathOf(diffId)!, DateTime.UnixEpoch);
        Assert.Equal(DateTimeOffset.UnixEpoch, _store.Snapshots.LeasedAt(diffId));
        Assert.True(_store.Snapshots.TryRenew(diffId));
        Assert.False(_store.Snapshots.TryDelete(diffId, hour, () => true));
        Directory.SetLastWriteTimeUtc(_store.Snapshots.PathOf(diffId)!, DateTime.UnixEpoch);
        Assert.False(_store.Snapshots.TryDelete(diffId, hour, () => false));
        Assert.True(_store.Snapshots.TryDelete(diffId, hour, () => true));
        Assert.False(_store.Snapshots.TryRenew(diffId));
        Assert.Empty(_store.Leftovers);

        tar.Position = 0;
        await _store.Snapshots.UnpackAsync(tar, diffId, Cancellation);
        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(_store.Snapshots.PathOf(diffId)!, "f"), Cancellation));
    }

    [Fact]
    public void A_sweep_leaves_trees_alone_that_are_being_made()
    {
        var making = _store.Snapshots.CreateTemporary();
        Directory.CreateDirectory(Path.Combine(_store.Root, "snapshots", "tmp", "dead", "deep"));
        Assert.Equal(1, _store.Snapshots.SweepTemporary(DateTimeOffset.MaxValue, dryRun: false));
        Assert.True(Directory.Exists(making));
        _store.Snapshots.Discard(making);
        Assert.Empty(_store.Leftovers);
    }

    public void Dispose() => _store.Dispose();

    private static async Task<string> Stat(string root, string name)
    {
        var fields = (await Run("stat", "--format", "%f %u %g", Path.Combine(root, name))).Split(' ');
        return $"{Convert.ToInt32(fields[0], 16) & 0xFFF:x} {fields[1]} {fields[2]}";
    }

    private static byte[] TarHeader(string name, long size)
    {
        var stream = new MemoryStream();
        new LayerTarWriter(stream).File(EntryName.Parse(name), size, 0, 0, 0x1A4);
        return stream.ToArray();
    }

    internal static async Task<string> Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal(0, process.ExitCode);
        return output.TrimEnd('\n');
    }
}
