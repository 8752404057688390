using System.Formats.Tar;
using System.IO.Compression;

namespace Paas.Oci;

public sealed class LayersTests : IDisposable
{
    private readonly TempStore _store = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_input_gives_the_same_digests()
    {
        MakeSource(_store);
        using var other = new TempStore();
        await Task.Delay(20, Cancellation);
        MakeSource(other);
        File.SetLastWriteTimeUtc(Path.Combine(other.Source, "run"), DateTime.UnixEpoch);
        var first = await Create();
        var second = await other.Layers.CreateAsync([new LayerSource(other.Source, "workspace", 1000, 1000)], Cancellation);
        Assert.Equal(first, second);
        Assert.Equal(first, await Create());
        Assert.Empty(_store.Leftovers);
        Assert.Equal([first.DiffId], _store.Snapshots.All());
        Assert.Equal([first.Blob.Digest], _store.Blobs.All());
    }

    [Fact]
    public async Task A_change_of_content_changes_the_digests()
    {
        MakeSource(_store);
        var before = await Create();
        _store.Write("run", "changed");
        Assert.NotEqual(before.DiffId, (await Create()).DiffId);
    }

    [Fact]
    public async Task The_snapshot_is_what_unpacking_the_blob_gives()
    {
        MakeSource(_store);
        var layer = await Create();
        using var other = new TempStore();
        await using var blob = _store.Blobs.OpenRead(layer.Blob.Digest);
        await other.Snapshots.UnpackAsync(blob, layer.DiffId, Cancellation);
        Assert.Equal(await Listing(_store.Snapshots.PathOf(layer.DiffId)!), await Listing(other.Snapshots.PathOf(layer.DiffId)!));
        Assert.Equal("", await SnapshotsTests.Run("diff", "--recursive", "--no-dereference", _store.Snapshots.PathOf(layer.DiffId)!, other.Snapshots.PathOf(layer.DiffId)!));
    }

    [Fact]
    public async Task The_tar_is_in_normal_form()
    {
        MakeSource(_store);
        var layer = await Create();
        await using var blob = new GZipStream(_store.Blobs.OpenRead(layer.Blob.Digest), CompressionMode.Decompress);
        await using var tar = new TarReader(blob);
        var names = new List<string>();
        while (await tar.GetNextEntryAsync(copyData: false, Cancellation) is PosixTarEntry entry)
        {
            names.Add(entry.Name);
            Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(315532801), entry.ModificationTime);
            Assert.Equal(("", ""), (entry.UserName, entry.GroupName));
            Assert.Equal(1000, entry.Uid);
        }

        Assert.Equal(
            ["workspace/", "workspace/a/", "workspace/a/" + new string('l', 200), "workspace/a/z", "workspace/a-b", "workspace/absolute", "workspace/hard", "workspace/run"],
            names);
    }

    [Fact]
    public async Task Parents_that_nobody_described_belong_to_root()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "owners need root");
        _store.Write("launcher", "x");
        var layer = await _store.Layers.CreateAsync([new LayerSource(Path.Combine(_store.Source, "launcher"), "cnb/lifecycle/launcher", 5, 6, Mode: 0x16D)], Cancellation);
        Assert.Equal(
            ". 755 0 0|./cnb 755 0 0|./cnb/lifecycle 755 0 0|./cnb/lifecycle/launcher 555 5 6",
            await Listing(_store.Snapshots.PathOf(layer.DiffId)!));
    }

    [Fact]
    public async Task Bare_folders_symlinks_and_several_sources_share_a_layer_and_the_last_wins()
    {
        _store.Write("one/file", "first");
        _store.Write("two/file", "second");
        var layer = await _store.Layers.CreateAsync(
            [
                new LayerSource(null, "cnb/process/web", 0, 0, SymlinkTarget: "/cnb/lifecycle/launcher"),
                new LayerSource(null, "layers", 0, 0, Directory: true, Mode: 0x1FD),
                new LayerSource(Path.Combine(_store.Source, "one"), "data", 0, 0),
                new LayerSource(Path.Combine(_store.Source, "two"), "data", 0, 0),
            ],
            Cancellation);
        var path = _store.Snapshots.PathOf(layer.DiffId)!;
        Assert.Equal("second", await File.ReadAllTextAsync(Path.Combine(path, "data/file"), Cancellation));
        Assert.Equal("/cnb/lifecycle/launcher", new FileInfo(Path.Combine(path, "cnb/process/web")).LinkTarget);
        Assert.Equal((UnixFileMode)0x1FD, File.GetUnixFileMode(Path.Combine(path, "layers")));
    }

    [Fact]
    public async Task Include_chooses_entries_and_keeps_the_folders_above_them()
    {
        _store.Write("static/app.css", "x");
        _store.Write("static/deep/logo.svg", "x");
        _store.Write("server.js", "x");
        Directory.CreateDirectory(Path.Combine(_store.Source, "unwanted"));
        File.SetUnixFileMode(Path.Combine(_store.Source, "static"), (UnixFileMode)0x1C0);
        var layer = await _store.Layers.CreateAsync(
            [new LayerSource(_store.Source, "app", 0, 0, Include: path => path.EndsWith(".svg", StringComparison.Ordinal), GroupLikeOwner: true)], Cancellation);
        var path = _store.Snapshots.PathOf(layer.DiffId)!;
        Assert.Equal(
            ["app", "app/static", "app/static/deep", "app/static/deep/logo.svg"],
            Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories).Select(entry => Path.GetRelativePath(path, entry)).Order(StringComparer.Ordinal));
        Assert.Equal((UnixFileMode)0x1F8, File.GetUnixFileMode(Path.Combine(path, "app/static")));
        Assert.Equal((UnixFileMode)0x1B4, File.GetUnixFileMode(Path.Combine(path, "app/static/deep/logo.svg")));
    }

    [Fact]
    public async Task A_source_whose_path_leads_through_a_symlink_is_refused()
    {
        Directory.CreateSymbolicLink(Path.Combine(_store.Source, "layer"), "/etc");
        foreach (var evil in new[] { "layer/ssl", "layer/hostname" })
        {
            var refused = await Assert.ThrowsAsync<InvalidDataException>(() =>
                _store.Layers.CreateAsync([new LayerSource(Path.Combine(_store.Source, evil), "x", 0, 0)], Cancellation));
            Assert.Contains("leads through a symbolic link", refused.Message, StringComparison.Ordinal);
        }

        var layer = await _store.Layers.CreateAsync([new LayerSource(Path.Combine(_store.Source, "layer"), "x", 0, 0)], Cancellation);
        Assert.Equal("/etc", new FileInfo(Path.Combine(_store.Snapshots.PathOf(layer.DiffId)!, "x")).LinkTarget);
    }

    [Fact]
    public async Task Fifos_are_left_out_and_setuid_is_cleared()
    {
        _store.Write("tool", "x");
        File.SetUnixFileMode(Path.Combine(_store.Source, "tool"), (UnixFileMode)0x9ED);
        await SnapshotsTests.Run("mkfifo", Path.Combine(_store.Source, "pipe"));
        var layer = await Create();
        Assert.Equal(["Left out 'workspace/pipe': sockets, fifos and device nodes do not go into images."], layer.Notes);
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(Path.Combine(_store.Snapshots.PathOf(layer.DiffId)!, "workspace/tool")));
    }

    [Fact]
    public async Task A_file_named_like_a_whiteout_is_refused()
    {
        _store.Write(".wh.etc", "x");
        var refused = await Assert.ThrowsAsync<InvalidDataException>(Create);
        Assert.Equal("'workspace/.wh.etc' cannot be in an image: names that begin with '.wh.' mark deletions there. Rename it or remove it before the build.", refused.Message);
    }

    [Fact]
    public async Task A_sparse_file_larger_than_a_layer_may_be_is_refused()
    {
        using var small = new TempStore(new LayerLimits(100, 1 << 20));
        await using (var file = File.Create(Path.Combine(small.Source, "huge")))
        {
            file.SetLength(1L << 40);
        }

        await Assert.ThrowsAsync<InvalidDataException>(() => small.Layers.CreateAsync([new LayerSource(small.Source, "x", 0, 0)], Cancellation));
        Assert.Empty(small.Leftovers);
    }

    [Fact]
    public async Task Names_that_are_not_text_survive()
    {
        await SnapshotsTests.Run("python3", "-c", "import os,sys;os.chdir(os.fsencode(sys.argv[1]));open(b'caf\\xe9','w').write('x');os.symlink(b'caf\\xe9',b'l\\xff')", _store.Source);
        var layer = await Create();
        Assert.Equal("", await SnapshotsTests.Run("diff", "--recursive", "--no-dereference", _store.Source, Path.Combine(_store.Snapshots.PathOf(layer.DiffId)!, "workspace")));
    }

    [Fact]
    public async Task A_snapshot_alone_has_the_diff_id_of_the_layer_and_no_blob()
    {
        MakeSource(_store);
        var diffId = await _store.Layers.CreateSnapshotAsync([new LayerSource(_store.Source, "workspace", 1000, 1000)], null, Cancellation);
        Assert.True(_store.Snapshots.Contains(diffId));
        Assert.Empty(_store.Blobs.All());
        Assert.Equal(diffId, (await Create()).DiffId);
    }

    [Fact]
    public async Task A_layer_that_is_as_it_was_is_taken_without_writing_anything()
    {
        MakeSource(_store);
        var before = await Create();
        var written = _store.Blobs.LeasedAt(before.Blob.Digest);
        File.SetLastWriteTimeUtc(Path.Combine(_store.Source, "run"), DateTime.UnixEpoch);

        var again = await CreateAfter(before);

        Assert.True(again.Reused);
        Assert.Equal(before, again with { Reused = false });
        Assert.True(_store.Blobs.LeasedAt(before.Blob.Digest) >= written);
        Assert.Equal(before.DiffId, await _store.Layers.CreateSnapshotAsync([new LayerSource(_store.Source, "workspace", 1000, 1000)], before.DiffId, Cancellation));
    }

    /// <summary>What a build can do to a file without changing its size and its time.</summary>
    [Theory]
    [InlineData("printf '#!/bin/zz\\n' > run")]
    [InlineData("chmod 0700 run")]
    [InlineData("mv run ran")]
    [InlineData("touch a/more")]
    [InlineData("mkdir a/empty")]
    [InlineData("rm a/z")]
    [InlineData("rm absolute; ln -s /etc/shadow absolute")]
    [InlineData("rm -r a; ln -s a-b a")]
    [InlineData("chmod 0700 a")]
    [InlineData("rm run; mkdir run")]
    public async Task Whatever_changed_is_seen_though_its_time_was_set_back(string change)
    {
        MakeSource(_store);
        File.SetUnixFileMode(Path.Combine(_store.Source, "run"), (UnixFileMode)0x1ED);
        var before = await Create();
        await SnapshotsTests.Run("bash", "-c", $"cd '{_store.Source}' && touch -r run /tmp/paas-time.$$ && {change}; find . -exec touch -h -r /tmp/paas-time.$$ {{}} +; rm /tmp/paas-time.$$");

        var after = await CreateAfter(before);

        Assert.False(after.Reused);
        Assert.NotEqual(before.DiffId, after.DiffId);
        Assert.Equal(after, await Create());
    }

    [Fact]
    public async Task A_layer_whose_blob_is_gone_is_made_anew()
    {
        MakeSource(_store);
        var before = await Create();
        Assert.True(_store.Blobs.TryDelete(before.Blob.Digest, DateTimeOffset.MaxValue, () => true));

        var again = await CreateAfter(before);

        Assert.False(again.Reused);
        Assert.True(_store.Blobs.Contains(again.Blob.Digest));
    }

    public void Dispose() => _store.Dispose();

    private Task<Layer> CreateAfter(Layer before) => _store.Layers.CreateAsync([new LayerSource(_store.Source, "workspace", 1000, 1000)], before, Cancellation);

    private Task<Layer> Create() => _store.Layers.CreateAsync([new LayerSource(_store.Source, "workspace", 1000, 1000)], Cancellation);

    private static void MakeSource(TempStore store)
    {
        store.Write("run", "#!/bin/sh\n");
        store.Write("a/" + new string('l', 200), "long name");
        store.Write("a/z", new string('z', 700_000));
        store.Write("a-b", "sorts after a/");
        File.CreateSymbolicLink(Path.Combine(store.Source, "absolute"), "/etc/passwd");
        Assert.Equal(0, Posix.Link(Posix.WorkingDirectory, Posix.Terminated(Path.Combine(store.Source, "run")), Posix.WorkingDirectory, Posix.Terminated(Path.Combine(store.Source, "hard")), 0));
    }

    private static async Task<string> Listing(string path) => string.Join('|', (await SnapshotsTests.Run(
        "python3", "-c", "import os,sys\nos.chdir(sys.argv[1])\nfor d,ds,fs in os.walk('.'):\n  ds.sort()\n  for p in [d]+[os.path.join(d,f) for f in sorted(fs)]:\n    s=os.lstat(p);print(p,oct(s.st_mode&0o7777)[2:],s.st_uid,s.st_gid)", path)).Split('\n'));
}
