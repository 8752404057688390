using Paas.State;

namespace Paas.Keep;

/// <summary>Makes the folders of a home and closes them to everybody else with a login on this machine. Images hold other people's
/// source and setuid files of their own; what has to be reached by one of the platform's users is opened to that one alone.</summary>
internal static class HomeFolders
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>To pass through, not to look around: the sockets and git's repositories below have modes of their own.</summary>
    private const UnixFileMode Passable = Own | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode GroupReads = Own | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    /// <summary>Can be repeated; a home that an earlier version left open is closed. Builds and the engine's state are opened to the
    /// sandboxes' root by those who run sandboxes.</summary>
    /// <param name="edge">Reads blobs; null: it runs as this user.</param>
    public static void Make(PlatformHome home, EdgeAccount? edge)
    {
        foreach (var folder in (string[])[home.Root, home.Run, home.Git])
        {
            Make(folder, Passable);
        }

        foreach (var folder in (string[])[home.Keys, home.Snapshots, home.Builds, home.Engine, home.Logs, home.Trash])
        {
            Make(folder, Own);
        }

        Make(home.Blobs, edge is null ? Own : GroupReads);
        edge?.Share(home.Blobs);
    }

    /// <summary>The mode is set, not asked for: an existing folder has its own, and the umask takes from a new one.</summary>
    private static void Make(string folder, UnixFileMode mode)
    {
        Directory.CreateDirectory(folder, mode);
        File.SetUnixFileMode(folder, mode);
    }
}
