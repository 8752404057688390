using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Paas.Buildpacks;

/// <summary>A directory that somebody else may write to (a build, git's user), read and written by root without following one symbolic link and without ever
/// leaving it (architecture, trust rule 9): every path is resolved by openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS.</summary>
public sealed class UntrustedTree(string root)
{
    /// <summary>What the lifecycle reads whole: tomls and environment files, in bytes.</summary>
    private const int MaxFileSize = 1 << 20;

    private const UnixFileMode FileMode644 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode DirectoryMode = FileMode644 | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The file's bytes as UTF-8, nothing trimmed; null when there is none.</summary>
    /// <exception cref="InvalidDataException">No regular file of a sensible size lies there.</exception>
    public string? ReadText(string path) => ReadBytes(path, MaxFileSize) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <param name="most">Size that is still taken.</param>
    /// <returns>Null when there is no such file.</returns>
    /// <exception cref="InvalidDataException">No regular file of that size lies there.</exception>
    public byte[]? ReadBytes(string path, long most)
    {
        using var handle = TryOpen(path, Linux.ReadOnly | Linux.NonBlocking);
        if (handle is null)
        {
            return null;
        }

        if (!Linux.IsRegularFile(handle))
        {
            throw new InvalidDataException($"{path} is not a regular file.");
        }

        var length = RandomAccess.GetLength(handle);
        if (length > most)
        {
            throw new InvalidDataException($"{path} is larger than {(most == MaxFileSize ? "1 MB" : $"{most} bytes")}.");
        }

        var bytes = new byte[length];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(handle, bytes.AsSpan(read), read) is > 0 and var count)
        {
            read += count;
        }

        return bytes[..read];
    }

    /// <exception cref="InvalidDataException">A symbolic link lies there or on the way.</exception>
    public bool IsDirectory(string path)
    {
        using var handle = TryOpen(path, Linux.PathOnly);
        return handle is not null && Linux.IsDirectory(handle);
    }

    /// <summary>Whether a directory lies there, also behind links that stay below the root. It only looks; what is found is not opened.</summary>
    public bool LeadsToDirectory(string path)
    {
        using var directory = Linux.OpenAt2(Linux.CurrentDirectory, root, Linux.PathOnly | Linux.NoFollow, 0);
        using var handle = Linux.OpenAt2((int)directory.DangerousGetHandle(), path, Linux.PathOnly, Linux.ResolveBeneath);
        return !handle.IsInvalid && Linux.IsDirectory(handle);
    }

    /// <summary>Names of the regular files in a directory, sorted; empty when there is no such directory.</summary>
    public IReadOnlyList<string> FileNames(string path)
    {
        using var handle = TryOpen(path, Linux.PathOnly);
        return handle is null || !Linux.IsDirectory(handle)
            ? []
            : [.. new DirectoryInfo(ThroughHandle(handle)).EnumerateFileSystemInfos()
                .Where(entry => !entry.Attributes.HasFlag(FileAttributes.Directory))
                .Select(entry => entry.Name)
                .Order(StringComparer.Ordinal)];
    }

    /// <summary>Opens a directory, "" for the root, for as long as it is read.</summary>
    /// <exception cref="InvalidDataException">A symbolic link lies there or on the way, or it is no directory.</exception>
    public UntrustedDirectory OpenDirectory(string path)
    {
        var handle = Open(path, Linux.PathOnly);
        if (Linux.IsDirectory(handle))
        {
            return new UntrustedDirectory(handle, ThroughHandle(handle));
        }

        handle.Dispose();
        throw new InvalidDataException($"{path} is not a directory.");
    }

    /// <summary>Opens a regular file to read.</summary>
    /// <exception cref="InvalidDataException">A symbolic link lies there or on the way, or it is no regular file.</exception>
    public SafeFileHandle OpenFile(string path)
    {
        // O_NONBLOCK: a FIFO would otherwise wait for a writer that never comes.
        var handle = Open(path, Linux.ReadOnly | Linux.NonBlocking);
        if (Linux.IsRegularFile(handle))
        {
            return handle;
        }

        handle.Dispose();
        throw new InvalidDataException($"{path} is not a regular file.");
    }

    /// <summary>Makes a directory of this name below the root, unless it is there, and gives it to the owner.</summary>
    public void CreateDirectory(string name, int uid, int gid)
    {
        using var parent = Open("", Linux.PathOnly);
        var path = $"{ThroughHandle(parent)}/{name}";
        if (!IsDirectory(name))
        {
            Directory.CreateDirectory(path, DirectoryMode);
        }

        Own(path, uid, gid);
    }

    /// <summary>Writes a new file; what lay there is removed, not written through.</summary>
    public void WriteText(string directory, string name, string text, int uid, int gid) =>
        WriteBytes(directory, name, Encoding.UTF8.GetBytes(text), uid, gid);

    /// <inheritdoc cref="WriteText"/>
    public void WriteBytes(string directory, string name, ReadOnlySpan<byte> bytes, int uid, int gid)
    {
        using var parent = Open(directory, Linux.PathOnly);
        var path = $"{ThroughHandle(parent)}/{name}";
        File.Delete(path);
        using (var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = FileMode644 }))
        {
            file.Write(bytes);
        }

        Own(path, uid, gid);
    }

    private static string ThroughHandle(SafeFileHandle handle) => $"/proc/self/fd/{handle.DangerousGetHandle()}";

    /// <summary>Without root (in tests) everything belongs to one user anyway.</summary>
    private static void Own(string path, int uid, int gid)
    {
        if (Environment.IsPrivilegedProcess && Linux.ChangeOwner(path, uid, gid) != 0)
        {
            throw new IOException($"{path} could not be given to user {uid}.", new Win32Exception(Marshal.GetLastPInvokeError()));
        }
    }

    private SafeFileHandle Open(string path, int flags) =>
        TryOpen(path, flags) ?? throw new DirectoryNotFoundException($"{Path.Combine(root, path)} is not there.");

    /// <returns>Null when nothing lies there.</returns>
    private SafeFileHandle? TryOpen(string path, int flags)
    {
        using var directory = Linux.OpenAt2(Linux.CurrentDirectory, root, Linux.PathOnly | Linux.NoFollow, 0);
        var handle = path.Length == 0
            ? Linux.OpenAt2(Linux.CurrentDirectory, root, flags | Linux.NoFollow, 0)
            : Linux.OpenAt2((int)directory.DangerousGetHandle(), path, flags, Linux.ResolveBeneath | Linux.ResolveNoSymlinks);
        if (!handle.IsInvalid)
        {
            return handle;
        }

        var error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        return error switch
        {
            Linux.NoSuchEntry or Linux.NotADirectory => null,
            Linux.TooManyLinks => throw new InvalidDataException($"{path} is a symbolic link or lies behind one, which is not followed here."),
            Linux.CrossesDevice => throw new InvalidDataException($"{path} leads out of its directory."),
            _ => throw new IOException($"{Path.Combine(root, path)} could not be opened.", new Win32Exception(error)),
        };
    }
}

/// <summary>A directory of an <see cref="UntrustedTree"/> that stays the one that was opened, whatever happens to its name.</summary>
public sealed class UntrustedDirectory(SafeFileHandle handle, string path) : IDisposable
{
    /// <summary>Its entries as they are at the moment; what is a file now may be a link when it is opened.</summary>
    public IEnumerable<FileSystemInfo> Entries => new DirectoryInfo(path).EnumerateFileSystemInfos();

    public UnixFileMode Mode => File.GetUnixFileMode(path);

    public void Dispose() => handle.Dispose();
}
