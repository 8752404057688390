using Paas.Oci;

namespace Paas.Builds.Debian;

/// <summary>What Debian's signed lists promise of archives; Debian repository format, "Packages indices" (Filename, SHA256). apt has checked
/// the lists against their signatures when it fetched them.</summary>
internal static class DebianIndex
{
    private const string FileName = "Filename: ";
    private const string Hash = "SHA256: ";

    /// <param name="lists">Folder with apt's lists, not compressed.</param>
    /// <param name="files">Names of archives, without folder.</param>
    /// <returns>By name, the digests that lists give it: a mirror's suites may have two of one name.</returns>
    public static ILookup<string, Digest> Find(string lists, IReadOnlySet<string> files) =>
        Directory.GetFiles(lists, "*_Packages").SelectMany(list => Find(File.ReadLines(list), files)).ToLookup(found => found.File, found => found.Digest);

    private static IEnumerable<(string File, Digest Digest)> Find(IEnumerable<string> lines, IReadOnlySet<string> files)
    {
        string? file = null;
        Digest? digest = null;
        foreach (var line in lines.Append(""))
        {
            if (line.Length == 0)
            {
                if (file is not null && digest is { } promised && files.Contains(file))
                {
                    yield return (file, promised);
                }

                (file, digest) = (null, null);
            }
            else if (line.StartsWith(FileName, StringComparison.Ordinal))
            {
                file = line[(line.LastIndexOf('/') + 1)..];
            }
            else if (line.StartsWith(Hash, StringComparison.Ordinal))
            {
                digest = Digest.TryParse($"sha256:{line[Hash.Length..].Trim()}", out var parsed) ? parsed : null;
            }
        }
    }
}
