using System.Security.Cryptography;
using System.Text;
using Paas.Buildpacks;
using Paas.Oci;

namespace Paas.Builds;

/// <summary>Copies a buildpack out of a tree that a stranger made (trust rule 9) into its normal form: root's, readable to all, executable or not,
/// no setuid, every link relative and inside. Two copies of the same files have the same digest.</summary>
internal sealed class BuildpackTree : IDisposable
{
    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly UntrustedTree _from;
    private readonly string _top;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private BuildpackTree(UntrustedTree from, string top) => (_from, _top) = (from, top);

    /// <param name="from">May be written to by others meanwhile.</param>
    /// <param name="top">The buildpack's folder in it; "" for all of it.</param>
    /// <param name="to">Does not exist.</param>
    /// <returns>SHA-256 over names, kinds and contents: 64 hex characters.</returns>
    /// <exception cref="InvalidDataException">Something in it is refused; the message names it.</exception>
    public static string Copy(UntrustedTree from, string top, string to, CancellationToken cancellationToken)
    {
        using var tree = new BuildpackTree(from, top);
        tree.CopyDirectory("", to, cancellationToken);
        return Convert.ToHexStringLower(tree._hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    private void CopyDirectory(string path, string to, CancellationToken cancellationToken)
    {
        Make(to);
        using var directory = _from.OpenDirectory(Path.Combine(_top, path));
        foreach (var entry in directory.Entries.OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (name, target) = (Path.Combine(path, entry.Name), Path.Combine(to, entry.Name));
            if (entry.LinkTarget is { } link)
            {
                if (!Archive.StaysWithin(name, link))
                {
                    throw new InvalidDataException($"the symbolic link '{name}' leads out of the buildpack (to '{link}').");
                }

                File.CreateSymbolicLink(target, link);
                Count("link", name, Encoding.UTF8.GetBytes(link));
            }
            else if (entry is DirectoryInfo)
            {
                // What git keeps for itself is no part of a buildpack.
                if (name != ".git")
                {
                    Count("directory", name, []);
                    CopyDirectory(name, target, cancellationToken);
                }
            }
            else
            {
                CopyFile(name, target, cancellationToken);
            }
        }
    }

    private void CopyFile(string name, string target, CancellationToken cancellationToken)
    {
        using var handle = _from.OpenFile(Path.Combine(_top, name));
        var mode = (File.GetUnixFileMode(handle) & AnyExecute) == 0 ? Plain : Executable;
        Digest contents;
        using (var from = new FileStream(handle, FileAccess.Read, bufferSize: 0))
        using (var to = new FileStream(target, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 }))
        {
            contents = HashedCopy.Copy(from, to, "sha256", cancellationToken);
            to.Flush(flushToDisk: true);
        }

        // Set, not asked for: the umask takes from a new file.
        File.SetUnixFileMode(target, mode);
        Count(mode == Executable ? "executable" : "file", name, Convert.FromHexString(contents.Hex));
    }

    private static void Make(string directory)
    {
        Directory.CreateDirectory(directory);
        File.SetUnixFileMode(directory, Executable);
    }

    /// <summary>A zero byte stands in no name.</summary>
    private void Count(string kind, string name, byte[] content)
    {
        _hash.AppendData(Encoding.UTF8.GetBytes($"{kind}\0{name}\0{content.Length}\0"));
        _hash.AppendData(content);
    }
}
