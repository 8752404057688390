using System.Globalization;
using System.Runtime.InteropServices;

namespace Paas.Keep;

/// <summary>The user that the edge runs as. Made by quickstart and the installer; without it the edge runs as whoever starts it.</summary>
/// <param name="Uid">User id.</param>
/// <param name="Gid">Its primary group: control's socket belongs to it, mode 0660.</param>
public sealed partial record EdgeAccount(uint Uid, uint Gid)
{
    public const string Name = "paas-edge";

    /// <summary>Null: there is no such user, or this process is not root and so cannot become it.</summary>
    public static EdgeAccount? Find(string name = Name) => Environment.IsPrivilegedProcess ? Parse(File.ReadAllText("/etc/passwd"), name) : null;

    /// <summary>passwd(5): name, password, uid, gid, ...</summary>
    public static EdgeAccount? Parse(string passwd, string name) => passwd.Split('\n')
        .Select(static line => line.Split(':'))
        .Where(fields => fields.Length >= 4 && fields[0] == name)
        .Select(static fields => new EdgeAccount(uint.Parse(fields[2], CultureInfo.InvariantCulture), uint.Parse(fields[3], CultureInfo.InvariantCulture)))
        .FirstOrDefault();

    /// <summary>Gives a file or folder to the edge.</summary>
    public void Own(string path) => Change(path, Uid, Gid);

    /// <summary>Lets the edge use what stays root's: control's socket, with mode 0660.</summary>
    public void Share(string path) => Change(path, 0, Gid);

    private static void Change(string path, uint uid, uint gid)
    {
        if (LChown(path, uid, gid) != 0)
        {
            throw new IOException($"Cannot change the owner of {path}: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LChown(string path, uint uid, uint gid);
}
