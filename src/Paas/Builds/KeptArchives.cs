using Paas.Buildpacks;
using Paas.Oci;

namespace Paas.Builds;

/// <summary>A folder of archives that builds fetched, kept for all builds after them. A build is a stranger: what it left is taken only where it has
/// exactly the content that somebody promises of its name. Several platforms may keep theirs in one folder, side by side.</summary>
internal sealed class KeptArchives(string folder, TimeProvider time)
{
    /// <summary>Beside the directory with what a buildpack fetched: empty files, named as the archives that it found here and used.</summary>
    public const string Used = ".used";

    /// <summary>What one build leaves, in bytes, and in files: no app alone pushes out what all others use.</summary>
    private const long MostBytesOfOneBuild = 1L << 30;
    private const int MostOfOneBuild = 1000;

    /// <summary>Of all; that goes first which no build used for longest.</summary>
    private const long MostBytesInAll = 3L << 30;

    public string Folder => folder;

    /// <summary>Takes what a buildpack fetched.</summary>
    /// <param name="tree">The build's layers.</param>
    /// <param name="directory">In it, where the archives lie; need not exist.</param>
    /// <param name="promises">By name, the digests that an archive may have; names that it leaves out are not taken.</param>
    /// <returns>How many it took.</returns>
    public int Take(UntrustedTree tree, string directory, Func<IReadOnlySet<string>, ILookup<string, Digest>> promises, CancellationToken cancellationToken)
    {
        Renew(Names(tree, directory + Used));
        var names = Names(tree, directory);
        if (names.Count == 0)
        {
            return 0;
        }

        Directory.CreateDirectory(folder);
        var (promised, room, taken) = (promises(names), MostBytesOfOneBuild, 0);
        foreach (var name in names.Where(promised.Contains))
        {
            var bytes = TryTake(tree, Path.Combine(directory, name), name, [.. promised[name]], room, cancellationToken);
            room -= bytes ?? 0;
            taken += bytes is null ? 0 : 1;
        }

        RemoveOldest(MostBytesInAll);
        return taken;
    }

    /// <summary>So that all together take no more than this.</summary>
    internal void RemoveOldest(long bytes)
    {
        foreach (var (file, length, _) in Entries().OrderByDescending(entry => entry.Used))
        {
            bytes -= length;
            if (bytes < 0)
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>Another platform may remove a file while this one looks.</summary>
    private IEnumerable<(string File, long Length, DateTime Used)> Entries()
    {
        foreach (var file in new DirectoryInfo(folder).GetFiles())
        {
            file.Refresh();
            if (file.Exists)
            {
                yield return (file.FullName, file.Length, file.LastWriteTimeUtc);
            }
        }
    }

    private void Renew(IEnumerable<string> names)
    {
        foreach (var file in names.Select(name => Path.Combine(folder, name)).Where(File.Exists))
        {
            try
            {
                File.SetLastWriteTimeUtc(file, time.GetUtcNow().UtcDateTime);
            }
            catch (FileNotFoundException)
            {
                // It has just gone.
            }
        }
    }

    private static HashSet<string> Names(UntrustedTree tree, string directory)
    {
        try
        {
            return tree.FileNames(directory).Take(MostOfOneBuild).ToHashSet(StringComparer.Ordinal);
        }
        catch (InvalidDataException)
        {
            // A link in its place: nothing of ours.
            return [];
        }
    }

    /// <returns>Its size; null: it was not taken.</returns>
    private long? TryTake(UntrustedTree tree, string path, string name, IReadOnlyList<Digest> promised, long room, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(folder, $".{name}.{Guid.NewGuid():N}");
        try
        {
            using var from = new FileStream(tree.OpenFile(path), FileAccess.Read, bufferSize: 0);
            if (from.Length > room)
            {
                return null;
            }

            using (var to = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                if (!promised.Contains(HashedCopy.Copy(from, to, promised[0].Algorithm, cancellationToken)))
                {
                    return null;
                }
            }

            File.Move(temporary, Path.Combine(folder, name), overwrite: true);
            return from.Length;
        }
        catch (InvalidDataException)
        {
            return null;
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
