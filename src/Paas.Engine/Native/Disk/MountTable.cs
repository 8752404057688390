using System.Text;

namespace Paas.Engine.Native.Disk;

/// <summary>What is mounted, as this process sees it (proc(5), /proc/self/mountinfo).</summary>
internal static class MountTable
{
    /// <summary>Mount points at or below the directory, deepest first.</summary>
    public static IReadOnlyList<string> Below(string directory) => Below(directory, File.ReadLines("/proc/self/mountinfo"));

    public static IReadOnlyList<string> Below(string directory, IEnumerable<string> mountInfo)
    {
        var root = directory.TrimEnd('/');
        return [.. mountInfo.Select(line => line.Split(' ')).Where(fields => fields.Length > 4).Select(fields => Unescape(fields[4]))
            .Where(point => point == root || point.StartsWith(root + '/', StringComparison.Ordinal)).Reverse()];
    }

    /// <summary>The kernel writes space, tab, newline and backslash as three octal digits.</summary>
    private static string Unescape(string field)
    {
        if (!field.Contains('\\'))
        {
            return field;
        }

        var bytes = new List<byte>();
        var raw = Encoding.UTF8.GetBytes(field);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\\' && i + 3 < raw.Length)
            {
                bytes.Add((byte)(((raw[i + 1] - '0') << 6) | ((raw[i + 2] - '0') << 3) | (raw[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.Add(raw[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
