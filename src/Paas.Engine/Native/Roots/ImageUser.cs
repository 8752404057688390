using System.Globalization;

namespace Paas.Engine.Native.Roots;

/// <summary>Resolves the "User" of an image's config (OCI image-spec v1.1, config.md): uid, user, uid:gid, user:group, mixed.</summary>
internal static class ImageUser
{
    /// <param name="lowers">The image's directories, topmost first: where etc/passwd and etc/group are looked up.</param>
    /// <exception cref="EngineException">The image names a user or group that it does not have.</exception>
    public static (int Uid, int Gid) Resolve(string? user, IReadOnlyList<string> lowers)
    {
        if (string.IsNullOrEmpty(user))
        {
            return (0, 0);
        }

        var parts = user.Split(':', 2);
        var (uid, primary) = (Number(parts[0]), 0);
        var entry = Find(lowers, "passwd", fields => fields.Length > 3 && (uid is null ? fields[0] == parts[0] : fields[2] == parts[0]));
        if (entry is not null)
        {
            uid = Number(entry[2]);
            primary = Number(entry[3]) ?? 0;
        }

        var gid = parts.Length == 1 ? primary : Number(parts[1]) ?? Number(Find(lowers, "group", fields => fields.Length > 2 && fields[0] == parts[1])?[2]);
        return uid is { } u && gid is { } g
            ? (u, g)
            : throw new EngineException($"The image wants to run as '{user}', but its etc/passwd or etc/group has no such name.");
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 65536 ? number : null;

    private static string[]? Find(IReadOnlyList<string> lowers, string file, Func<string[], bool> wanted)
    {
        foreach (var lower in lowers)
        {
            var (etc, path) = (Path.Combine(lower, "etc"), Path.Combine(lower, "etc", file));
            // An image's link could lead to the host's own file.
            if (new DirectoryInfo(etc).LinkTarget is not null || !File.Exists(path) || new FileInfo(path) is not { LinkTarget: null, Length: < 1024 * 1024 })
            {
                continue;
            }

            return File.ReadLines(path).Select(line => line.Split(':')).FirstOrDefault(wanted);
        }

        return null;
    }
}
