using System.Security.Cryptography;
using Paas.Buildpacks;

namespace Paas.Builds.Debian;

/// <summary>Archives of Debian that a build fetched, kept for all builds after it. A build is a stranger: what it left is taken only where the
/// signed lists promise exactly this content.</summary>
internal sealed class KeptArchives(string folder)
{
    /// <summary>Of one archive, in bytes; Debian's largest are games' data.</summary>
    private const long MostBytes = 1L << 30;

    /// <summary>Of all; the oldest go first.</summary>
    internal const long MostBytesInAll = 3L << 30;

    public string Folder => folder;

    /// <summary>Takes what a buildpack fetched.</summary>
    /// <param name="tree">The build's layers.</param>
    /// <param name="directory">In it, where the archives lie; need not exist.</param>
    /// <param name="lists">Folder with apt's lists.</param>
    /// <returns>How many were new.</returns>
    public int Take(UntrustedTree tree, string directory, string lists, CancellationToken cancellationToken)
    {
        var names = Names(tree, directory).Where(name => !File.Exists(Path.Combine(folder, name))).ToHashSet(StringComparer.Ordinal);
        if (names.Count == 0)
        {
            return 0;
        }

        Directory.CreateDirectory(folder);
        var promised = DebianIndex.Find(lists, names);
        var taken = names.Count(name => promised.Contains(name) && TryTake(tree, Path.Combine(directory, name), name, [.. promised[name]], cancellationToken));
        RemoveOldest(MostBytesInAll);
        return taken;
    }

    /// <summary>So that all together take no more than this.</summary>
    internal void RemoveOldest(long bytes)
    {
        foreach (var file in new DirectoryInfo(folder).GetFiles().OrderByDescending(file => file.LastWriteTimeUtc))
        {
            bytes -= file.Length;
            if (bytes < 0)
            {
                file.Delete();
            }
        }
    }

    private static IReadOnlyList<string> Names(UntrustedTree tree, string directory)
    {
        try
        {
            return [.. tree.FileNames(directory).Where(name => name.EndsWith(".deb", StringComparison.Ordinal) && name[0] != '.')];
        }
        catch (InvalidDataException)
        {
            // A link in its place: nothing of ours.
            return [];
        }
    }

    private bool TryTake(UntrustedTree tree, string path, string name, IReadOnlyList<string> promised, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(folder, $".{name}.{Guid.NewGuid():N}");
        try
        {
            using (var from = new FileStream(tree.OpenFile(path), FileAccess.Read, bufferSize: 0))
            using (var to = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                if (from.Length > MostBytes || !promised.Contains(Copy(from, to, cancellationToken)))
                {
                    return false;
                }
            }

            File.Move(temporary, Path.Combine(folder, name), overwrite: true);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static string Copy(FileStream from, FileStream to, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 << 10];
        for (int count; (count = from.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, count);
            to.Write(buffer, 0, count);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
