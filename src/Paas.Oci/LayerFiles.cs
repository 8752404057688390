using System.Formats.Tar;

namespace Paas.Oci;

/// <summary>Reads a few files out of a layer: from its snapshot where it is unpacked, else from the tar. Follows no link, so that an image
/// cannot name files of the host (trust rule 9).</summary>
public sealed class LayerFiles(BlobStore blobs, Snapshots snapshots)
{
    /// <summary>A package list of 60,000 packages has 60 MB.</summary>
    private const long LargestFile = 64 << 20;
    private const int MostFiles = 4096;

    /// <param name="places">Files, or directories with all below, relative: "var/lib/dpkg/status".</param>
    /// <returns>Regular files that are there, by path. Larger ones than 64 MB are left out.</returns>
    /// <exception cref="FileNotFoundException">The layer is not there.</exception>
    /// <exception cref="InvalidDataException">It is no layer.</exception>
    public async Task<IReadOnlyDictionary<string, byte[]>> ReadAsync(DiffId diffId, Descriptor layer, IReadOnlyList<string> places, CancellationToken cancellationToken)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        if (snapshots.PathOf(diffId) is { } directory)
        {
            foreach (var place in places)
            {
                await AddAsync(directory, place, files, cancellationToken);
            }

            return files;
        }

        await using var blob = blobs.OpenRead(layer.Digest);
        using var tar = await Task.Run(() => LayerCompression.Open(blob), cancellationToken);
        await using var reader = new TarReader(tar.Stream);
        while (files.Count < MostFiles && await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            var name = entry.Name.TrimStart('.').TrimStart('/');
            var wanted = places.Any(place => name == place || name.StartsWith($"{place}/", StringComparison.Ordinal));
            if (wanted && entry is { EntryType: TarEntryType.RegularFile or TarEntryType.V7RegularFile, Length: <= LargestFile })
            {
                using var content = new MemoryStream();
                await (entry.DataStream ?? Stream.Null).CopyToAsync(content, cancellationToken);
                files[name] = content.ToArray();
            }
        }

        return files;
    }

    private static async Task AddAsync(string directory, string place, SortedDictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        var path = directory;
        foreach (var part in place.Split('/'))
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
            {
                return;
            }
        }

        if (Directory.Exists(path))
        {
            foreach (var entry in Directory.GetFileSystemEntries(path))
            {
                await AddAsync(directory, $"{place}/{Path.GetFileName(entry)}", files, cancellationToken);
            }
        }
        else if (files.Count < MostFiles && new FileInfo(path) is { Exists: true, Length: <= LargestFile } file && (file.Attributes & (FileAttributes.Device | FileAttributes.ReparsePoint)) == 0)
        {
            files[place] = await File.ReadAllBytesAsync(path, cancellationToken);
        }
    }
}
