using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Paas.Oci;

/// <summary>In which form a built layer is stored (docs/decisions/layer-compression.md): size, and what it costs to make it, to send it and to
/// take it in. Not a test: PAAS_BENCH_LAYER names a folder to make a layer of.</summary>
public sealed class LayerFormBench : IDisposable
{
    private const int Rounds = 5;

    private readonly TempStore _store = new();
    private readonly byte[] _buffer = new byte[256 << 10];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Forms_of_a_layer()
    {
        var folder = Environment.GetEnvironmentVariable("PAAS_BENCH_LAYER");
        Assert.SkipWhen(folder is null, "PAAS_BENCH_LAYER names no folder to make a layer of");
        LayerSource[] sources = [new LayerSource(folder, "layers/node_modules/modules", 1000, 1000)];
        var layer = await _store.Layers.CreateAsync(sources, Cancelled);
        var snapshot = _store.Snapshots.PathOf(layer.DiffId)!;
        var raw = Path.Combine(_store.Root, "raw.tar");
        await using (var tar = File.Create(raw))
        {
            Assert.Equal(layer.DiffId, Rewrite(snapshot, tar));
        }

        var figures = new SortedDictionary<string, List<(double Wall, double Cpu)>>(StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            await MeasureAsync("export  raw kept", () => ExportAsync(snapshot, null, keep: true));
            await MeasureAsync("export  raw rewritten", () => ExportAsync(snapshot, null, keep: false));
            foreach (var level in (CompressionLevel[])[CompressionLevel.Fastest, CompressionLevel.Optimal])
            {
                await MeasureAsync($"export  gzip {level}", () => ExportAsync(snapshot, level, keep: true));
            }

            await MeasureAsync("send    raw kept", () => Task.Run(() => Send(raw), Cancelled));
            await MeasureAsync("send    raw rewritten", () => Task.Run(() => Rewrite(snapshot, Stream.Null), Cancelled));
            await MeasureAsync("send    gzip Fastest", () => Task.Run(() => Send(_store.Blobs.PathOf(layer.Blob.Digest)!), Cancelled));
            await MeasureAsync("take in raw", () => Task.Run(() => TakeIn(raw, false), Cancelled));
            await MeasureAsync("take in gzip Fastest", () => Task.Run(() => TakeIn(_store.Blobs.PathOf(layer.Blob.Digest)!, true), Cancelled));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"raw {Mb(new FileInfo(raw).Length)} MB, gzip Fastest {Mb(layer.Blob.Size)} MB, gzip Optimal {Mb(Packed(raw, CompressionLevel.Optimal))} MB, snapshot {Mb(TreeSize.Of(snapshot))} MB on disk"));
        foreach (var (name, times) in figures)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name,-24} {times.Select(time => time.Wall).Order().ElementAt(Rounds / 2):0.00} s [{times.Min(time => time.Wall):0.00}..{times.Max(time => time.Wall):0.00}] cpu {times.Select(time => time.Cpu).Order().ElementAt(Rounds / 2):0.00} s"));
        }

        async Task MeasureAsync(string name, Func<Task> action)
        {
            var (clock, cpu) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
            await action();
            (figures.TryGetValue(name, out var times) ? times : figures[name] = []).Add((clock.Elapsed.TotalSeconds, (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds));
        }
    }

    public void Dispose() => _store.Dispose();

    private static double Mb(long bytes) => bytes / 1e6;

    /// <summary>The blob's side of an export: tar, hash of both, file and fsync; the snapshot is written in every form.</summary>
    private async Task ExportAsync(string snapshot, CompressionLevel? level, bool keep)
    {
        if (!keep)
        {
            Rewrite(snapshot, Stream.Null);
            return;
        }

        await using var blob = _store.Blobs.CreateWriter();
        await using (var to = level is { } compression ? new GZipStream(blob, compression, leaveOpen: true) : null)
        {
            Rewrite(snapshot, to ?? (Stream)blob);
        }

        await blob.CommitAsync(null, Cancelled);
    }

    private void Send(string path)
    {
        using var file = File.OpenHandle(path);
        for (long offset = 0, count = 1; count > 0; offset += count)
        {
            count = RandomAccess.Read(file, _buffer, offset);
        }
    }

    /// <summary>What a client does with it before it writes files: its digest, and the tar.</summary>
    private void TakeIn(string path, bool packed)
    {
        using (var file = File.OpenRead(path))
        {
            SHA256.HashData(file);
        }

        using var again = File.OpenRead(path);
        using Stream tar = packed ? new GZipStream(again, CompressionMode.Decompress) : again;
        while (tar.Read(_buffer) > 0)
        {
        }
    }

    private static long Packed(string path, CompressionLevel level)
    {
        using var to = new MemoryStream();
        using (var gzip = new GZipStream(to, level, leaveOpen: true))
        using (var from = File.OpenRead(path))
        {
            from.CopyTo(gzip);
        }

        return to.Length;
    }

    /// <summary>The layer's tar once more, from its snapshot.</summary>
    private DiffId Rewrite(string snapshot, Stream to)
    {
        using var entries = new LayerEntries(LayerLimits.Default);
        using var output = new TarOutput(to, LayerLimits.Default.Bytes);
        var tar = new LayerTarWriter(output);
        foreach (var entry in entries.Collect([new LayerSource(Path.Combine(snapshot, "layers"), "layers", 0, 0)], Cancelled))
        {
            // Owners are the image's own.
            var (uid, gid) = entry.Name.ToString().StartsWith("layers/node_modules/modules", StringComparison.Ordinal) ? (1000u, 1000u) : (0u, 0u);
            switch (entry.Kind)
            {
                case LayerEntryKind.Directory:
                    tar.Directory(entry.Name, uid, gid, entry.Mode);
                    break;
                case LayerEntryKind.Symlink:
                    tar.Symlink(entry.Name, entry.Target, uid, gid);
                    break;
                default:
                    tar.File(entry.Name, entry.Size, uid, gid, entry.Mode);
                    using (var file = File.OpenHandle(Path.Combine(snapshot, entry.Name.ToString())))
                    {
                        for (var offset = 0L; offset < entry.Size;)
                        {
                            var count = RandomAccess.Read(file, _buffer, offset);
                            output.Write(_buffer.AsSpan(0, count));
                            offset += count;
                        }
                    }

                    tar.EndFile(entry.Size);
                    break;
            }
        }

        tar.Finish();
        return output.Finish();
    }
}
