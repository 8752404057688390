using System.Formats.Tar;
using System.Net;
using System.Net.Http.Headers;

namespace Paas.Cli;

/// <summary>A folder as a tar, made while it is sent: names relative to the folder, modes kept, owners not; what git keeps for itself (.git) is left out.</summary>
internal sealed class FolderContent : HttpContent
{
    private readonly string _folder;

    public FolderContent(string folder)
    {
        _folder = Path.GetFullPath(folder);
        Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
        await WriteAsync(tar, _folder, "", cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private static async Task WriteAsync(TarWriter tar, string folder, string prefix, CancellationToken cancellationToken)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => entry.Name != ".git").OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var name = prefix + entry.Name;
            await tar.WriteEntryAsync(entry.FullName, name, cancellationToken);
            if (entry is DirectoryInfo && entry.LinkTarget is null)
            {
                await WriteAsync(tar, entry.FullName, name + "/", cancellationToken);
            }
        }
    }
}
