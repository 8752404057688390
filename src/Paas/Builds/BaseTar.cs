using System.Formats.Tar;
using System.Text;

namespace Paas.Builds;

/// <summary>Turns mmdebstrap's tar into a base image's layer: leaves out what belongs to this machine, adds the users and
/// directories that buildpacks need (CNB platform spec 0.15, "Build Image" and "Run Image"). Same input, same bytes.</summary>
internal sealed class BaseTar(StackRecipe recipe, IEnumerable<string> sources, byte[]? runStatus)
{
    /// <summary>Group of the build user and the run user: app files are readable to both.</summary>
    public const int Gid = 1000;

    public const int BuildUid = 1001;

    public const int RunUid = 1002;

    /// <summary>apt's settings inside the images; mmdebstrap works with the same.</summary>
    public static readonly string[] AptConf = ["Acquire::Languages \"none\"", "APT::Install-Recommends \"false\""];

    /// <summary>The host's name and resolver, apt's and dpkg's working files, logs.</summary>
    private static readonly HashSet<string> Dropped =
    [
        "etc/hostname", "etc/resolv.conf", "etc/machine-id", "etc/.pwd.lock", "var/cache/ldconfig/aux-cache", "var/lib/apt/lists/lock", "var/cache/apt/archives/lock",
        "var/cache/debconf/config.dat-old", "var/cache/debconf/templates.dat-old", "var/lib/dpkg/status-old", "etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-",
    ];

    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Enterable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode Own = Enterable | UnixFileMode.GroupWrite;

    /// <summary>dpkg's status file, known once the tar was rewritten: the packages with their versions.</summary>
    public byte[] Status { get; private set; } = [];

    /// <param name="input">mmdebstrap's tar.</param>
    /// <param name="output">Takes the layer's uncompressed tar.</param>
    public async Task RewriteAsync(Stream input, Stream output, CancellationToken cancellationToken)
    {
        await using var reader = new TarReader(input, leaveOpen: true);
        await using var writer = new TarWriter(output, TarEntryFormat.Gnu, leaveOpen: true);
        while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            var name = Normalised(entry.Name);
            if (IsDropped(entry, name))
            {
                continue;
            }

            entry.Name = name;
            if (entry.EntryType == TarEntryType.HardLink)
            {
                entry.LinkName = Normalised(entry.LinkName);
            }

            if (await ReplacedAsync(entry, cancellationToken) is { } content)
            {
                entry = File(entry.Name, content, entry.Mode, entry.Uid, entry.Gid);
            }

            await writer.WriteEntryAsync(entry, cancellationToken);
        }

        foreach (var entry in Added())
        {
            await writer.WriteEntryAsync(entry, cancellationToken);
        }
    }

    private static string Normalised(string name) => name is "./" or "." ? "" : name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;

    private static bool IsDropped(TarEntry entry, string name) =>
        name.Length == 0
        || entry.EntryType is TarEntryType.CharacterDevice or TarEntryType.BlockDevice or TarEntryType.Fifo
        || Dropped.Contains(name)
        || (name.StartsWith("var/log/", StringComparison.Ordinal) && entry.EntryType == TarEntryType.RegularFile)
        || (name.StartsWith("etc/apt/trusted.gpg.d/", StringComparison.Ordinal) && entry.EntryType == TarEntryType.RegularFile);

    /// <summary>New content of a file that the platform changes; null: as it is.</summary>
    private async Task<byte[]?> ReplacedAsync(TarEntry entry, CancellationToken cancellationToken)
    {
        switch (entry.Name)
        {
            case "etc/passwd":
                return Append(await ReadAsync(entry, cancellationToken), $"cnb:x:{BuildUid}:{Gid}::/home/cnb:/bin/bash\napp:x:{RunUid}:{Gid}::/home/app:/bin/bash\n");
            case "etc/group":
                return Append(await ReadAsync(entry, cancellationToken), $"cnb:x:{Gid}:\n");
            case "etc/shadow":
                return Append(await ReadAsync(entry, cancellationToken), "cnb:*:::::::\napp:*:::::::\n");
            case "etc/gshadow":
                return Append(await ReadAsync(entry, cancellationToken), "cnb:*::\n");
            case "etc/apt/sources.list":
                return Lines(sources);
            case "etc/apt/apt.conf.d/99mmdebstrap":
                // It held the host's proxy as well.
                return Lines(AptConf.Select(line => line + ";"));
            case "etc/dpkg/dpkg.cfg.d/99mmdebstrap":
                return Lines(Mmdebstrap.PathOptions(recipe));
            case "var/lib/dpkg/status":
                return Status = await ReadAsync(entry, cancellationToken);
            default:
                return null;
        }
    }

    private IEnumerable<TarEntry> Added()
    {
        // Mount points; the process that mounts them makes none in an image.
        yield return File("etc/hostname", [], Readable, 0, 0);
        yield return File("etc/resolv.conf", [], Readable, 0, 0);
        yield return File("etc/machine-id", [], Readable, 0, 0);
        yield return Folder("home/cnb", Own, BuildUid);
        yield return Folder("home/app", Own, RunUid);
        yield return Folder("workspace", Own, BuildUid);
        yield return Folder("layers", Own, BuildUid);
        yield return Folder("platform", Enterable, 0);
        yield return Folder("cnb", Enterable, 0);
        if (runStatus is null)
        {
            yield break;
        }

        yield return Folder("cnb/buildpacks", Enterable, 0);
        yield return Folder("cnb/scratch", Enterable, 0);

        // Buildpacks that bring Debian packages into a launch layer resolve them against what the run image has.
        yield return Folder("cnb/run", Enterable, 0);
        yield return File("cnb/run/dpkg-status", runStatus, Readable, 0, 0);

        // fagiani/apt reads this folder and stops when it is empty.
        yield return File("etc/apt/sources.list.d/paas.list", "# Sources of this image are in /etc/apt/sources.list.\n"u8.ToArray(), Readable, 0, 0);
    }

    private static async Task<byte[]> ReadAsync(TarEntry entry, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await (entry.DataStream ?? Stream.Null).CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }

    private static byte[] Lines(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    private static byte[] Append(byte[] content, string text) => [.. content, .. Encoding.UTF8.GetBytes(text)];

    private GnuTarEntry File(string name, byte[] content, UnixFileMode mode, int uid, int gid) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content), Mode = mode, Uid = uid, Gid = gid, ModificationTime = recipe.Created };

    private GnuTarEntry Folder(string name, UnixFileMode mode, int uid) =>
        new(TarEntryType.Directory, name + "/") { Mode = mode, Uid = uid, Gid = uid == 0 ? 0 : Gid, ModificationTime = recipe.Created };
}
