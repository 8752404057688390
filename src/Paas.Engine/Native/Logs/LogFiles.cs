using System.Globalization;
using System.Runtime.InteropServices;

namespace Paas.Engine.Native.Logs;

/// <summary>Names of one instance's log files: &lt;app&gt;/v3.web.1.log is written now; &lt;app&gt;/v3.web.1.log.000017 was rotated,
/// its number only grows, so that a reader never loses its place.</summary>
internal static partial class LogFiles
{
    private const string Suffix = ".log";

    public static string PathOf(string directory, InstanceId id) =>
        Path.Combine(AppDirectory(directory, id.Process.App), NameOf(id) + Suffix);

    /// <summary>The instance among those of its app: "v3.web.1".</summary>
    public static string NameOf(InstanceId id) => id.ToString()[(id.Process.App.Length + 1)..];

    /// <exception cref="ArgumentException">The name would lead out of the directory.</exception>
    public static string AppDirectory(string directory, string app) => app.Length > 0 && app[0] != '.' && !app.Contains('/', StringComparison.Ordinal)
        ? Path.Combine(directory, app)
        : throw new ArgumentException($"'{app}' is no app's name.", nameof(app));

    /// <summary>Instances of the app that have a log, ended ones included.</summary>
    public static IReadOnlyCollection<InstanceId> Instances(string directory, string app)
    {
        var folder = AppDirectory(directory, app);
        return !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateFiles(folder).Select(file => Parse(app, Path.GetFileName(file))).OfType<InstanceId>().Distinct()];
    }

    /// <summary>Null for a file that is no instance's log.</summary>
    public static InstanceId? Parse(string app, string fileName)
    {
        if (fileName.Split('.') is not [['v', ..] and var release, var type, var index, "log", ..] parts || parts.Length > 5 || fileName.EndsWith(".tmp", StringComparison.Ordinal)
            || !int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        var (version, revision) = release[1..].Split('-') switch
        {
            [var v] => (v, "0"),
            [var v, var r] => (v, r),
            _ => ("", ""),
        };
        return int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var v0)
            && int.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var r0)
            ? new InstanceId(new ProcessKey(app, v0, r0, type), number)
            : null;
    }

    /// <summary>Rotated files, oldest first.</summary>
    public static IReadOnlyList<(string Path, int Number)> Rotated(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        return !Directory.Exists(folder)
            ? []
            : [.. from file in Directory.EnumerateFiles(folder, Path.GetFileName(path) + ".*")
                  let number = int.TryParse(Path.GetExtension(file).AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1
                  where number >= 0
                  orderby number
                  select (file, number)];
    }

    public static string RotatedPath(string path, int number) => string.Create(CultureInfo.InvariantCulture, $"{path}.{number:000000}");

    /// <summary>All files, oldest first, the one written now last.</summary>
    public static IReadOnlyList<string> Chain(string path) =>
        [.. Rotated(path).Select(r => r.Path), .. File.Exists(path) ? (string[])[path] : []];

    /// <summary>The file's inode: the same after a rename. Null when there is none.</summary>
    public static ulong? Identity(string path)
    {
        Span<byte> status = stackalloc byte[256]; // struct statx
        return statx(-100 /* AT_FDCWD */, path, 0, 0x100 /* STATX_INO */, ref MemoryMarshal.GetReference(status)) == 0
            ? MemoryMarshal.Read<ulong>(status[32..])
            : null;
    }

    public static ulong? Identity(SafeHandle file) => Identity($"/proc/self/fd/{file.DangerousGetHandle()}");

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, ref byte status);
}
