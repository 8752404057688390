using System.Globalization;
using System.Runtime.InteropServices;

namespace Paas.Git;

/// <summary>A user of this machine, and giving files to it.</summary>
internal sealed partial record SystemUser(string Name, uint Uid, uint Gid)
{
    public static uint Self => GetEffectiveUid();

    /// <summary>Null when the machine has no such user. System users are local: /etc/passwd is where the installer adds them (passwd(5)).</summary>
    public static SystemUser? Find(string name) =>
        File.ReadLines("/etc/passwd").Select(line => line.Split(':'))
            .Where(fields => fields.Length >= 4 && fields[0] == name)
            .Select(fields => new SystemUser(name, uint.Parse(fields[2], CultureInfo.InvariantCulture), uint.Parse(fields[3], CultureInfo.InvariantCulture)))
            .FirstOrDefault();

    /// <summary>Makes the user the file's owner. Does not follow a link.</summary>
    public void Own(string path) => Change(path, Uid, Gid);

    /// <summary>Gives the file to the user's group only.</summary>
    public void OwnAsGroup(string path) => Change(path, uint.MaxValue, Gid);

    private static void Change(string path, uint uid, uint gid)
    {
        if (LChown(path, uid, gid) != 0)
        {
            throw new IOException($"lchown {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LChown(string path, uint uid, uint gid);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUid();
}
