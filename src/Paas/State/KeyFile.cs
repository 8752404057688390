using System.Security.Cryptography;

namespace Paas.State;

/// <summary>A secret key of this install: 32 random bytes, mode 0600 (trust rule 3).</summary>
public static class KeyFile
{
    public const int Length = 32;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads the key; makes it when absent and <paramref name="mayMake"/> (nothing was sealed with it yet).</summary>
    /// <exception cref="InvalidDataException">Absent though needed, not 32 bytes, all one byte, or readable by others.</exception>
    public static byte[] ReadOrMake(string path, bool mayMake)
    {
        if (!File.Exists(path))
        {
            return mayMake
                ? Make(path)
                : throw new InvalidDataException($"The key {path} is missing, but the database holds values sealed with it: restore it from a backup.");
        }

        if ((File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
        {
            throw new InvalidDataException($"The key {path} can be read by others: set its mode to 0600, and change the secrets it sealed if others could have copied it.");
        }

        var key = File.ReadAllBytes(path);
        return key.Length == Length && key.AsSpan().ContainsAnyExcept(key[0])
            ? key
            : throw new InvalidDataException($"The key {path} is not {Length} random bytes: restore it from a backup.");
    }

    /// <summary>Written whole under another name first, so that a crash leaves no short key.</summary>
    private static byte[] Make(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly | UnixFileMode.UserExecute);
        var key = RandomNumberGenerator.GetBytes(Length);
        var temporary = path + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            file.Write(key);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path);
        return key;
    }
}
