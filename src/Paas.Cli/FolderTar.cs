using System.Formats.Tar;
using System.IO.Compression;

namespace Paas.Cli;

/// <summary>A folder as a gzipped tar: in a git repository what git knows or would add, elsewhere everything.</summary>
internal static class FolderTar
{
    public static async Task WriteAsync(Surroundings surroundings, string folder, Stream to, CancellationToken cancellationToken)
    {
        var gzip = new GZipStream(to, CompressionLevel.Fastest, leaveOpen: true);
        await using (gzip.ConfigureAwait(false))
        {
            var tar = new TarWriter(gzip, TarEntryFormat.Pax, leaveOpen: true);
            await using (tar.ConfigureAwait(false))
            {
                foreach (var file in await GitFolder.FilesAsync(surroundings, folder, cancellationToken) ?? All(folder))
                {
                    var path = Path.Combine(folder, file);

                    // One that git knows may have been deleted, and a submodule is a folder.
                    if (new FileInfo(path) is var info && (info.LinkTarget is not null || info.Exists))
                    {
                        await tar.WriteEntryAsync(path, file, cancellationToken);
                    }
                }
            }
        }
    }

    private static IEnumerable<string> All(string folder) => Directory
        .EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
        .Select(file => Path.GetRelativePath(folder, file))
        .Where(file => !file.StartsWith(".git/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);
}
