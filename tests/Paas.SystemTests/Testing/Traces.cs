using System.Globalization;
using Paas.State;

namespace Paas.Testing;

/// <summary>What a home has in the kernel: found to show that nothing is left, erased as a power cut does it.</summary>
public sealed class Traces(PlatformHome home)
{
    private const string Groups = "/sys/fs/cgroup";

    private string Table => $"paas_{home.Tag}";

    private string Group => $"paas-{home.Tag}";

    /// <summary>One line for each mount, link, table, control group and process; empty when the home is down.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellationToken)
    {
        var tables = (await Command.RunAsync("nft", ["list", "tables"], cancellationToken)).Output;
        return
        [
            .. Mounts().Select(mount => $"mount {mount}"),
            .. Links().Select(link => $"link {link}"),
            .. tables.Split('\n').Where(line => line.EndsWith(Table, StringComparison.Ordinal)),
            .. ControlGroups().Select(group => $"control group {group}"),
            .. Processes().Select(pid => $"process {pid} {Path.GetFileName(Text($"/proc/{pid}/comm").Trim())}"),
        ];
    }

    /// <summary>Kills and removes all of it without telling anybody; what lies on disk stays.</summary>
    public async Task EraseAsync(CancellationToken cancellationToken)
    {
        int[] pids;
        while ((pids = [.. Processes(), .. ControlGroups().SelectMany(group => Numbers(Path.Combine(group, "cgroup.procs")))]).Length > 0)
        {
            await Command.RunAsync("kill", ["-KILL", .. pids.Select(pid => pid.ToString(CultureInfo.InvariantCulture))], cancellationToken);
            await Task.Delay(50, cancellationToken);
        }

        foreach (var mount in Mounts().Reverse())
        {
            (await Command.RunAsync("umount", [mount], cancellationToken)).Succeeded();
        }

        foreach (var link in Links())
        {
            // The kernel may be taking it away with its namespace at this moment.
            await Command.RunAsync("ip", ["link", "delete", link], cancellationToken);
        }

        (await Command.RunAsync("nft", ["delete", "table", "inet", Table], cancellationToken)).Succeeded();
        // Busy while the kernel still buries its last process.
        for (var tries = 0; ControlGroups() is { Count: > 0 } groups && tries < 100; tries++)
        {
            await Command.RunAsync("rmdir", groups.OrderByDescending(group => group.Length), cancellationToken);
            await Task.Delay(20, cancellationToken);
        }
    }

    /// <summary>In the order in which they were made.</summary>
    private IReadOnlyList<string> Mounts() =>
        [.. File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' ')[4]).Where(point => point.StartsWith($"{home.Root}/", StringComparison.Ordinal))];

    private IEnumerable<string> Links() =>
        Directory.EnumerateFileSystemEntries("/sys/class/net").Select(path => Path.GetFileName(path)).Where(name => name.Length == 9 && name.StartsWith($"p{home.Tag}", StringComparison.Ordinal));

    /// <summary>In every hierarchy of version 1, or in the one of version 2; children too.</summary>
    private IReadOnlyList<string> ControlGroups() =>
        [.. Directory.EnumerateDirectories(Groups).Prepend(Groups).Select(hierarchy => Path.Combine(hierarchy, Group)).Where(Directory.Exists)
            .SelectMany(top => Directory.EnumerateDirectories(top, "*", SearchOption.AllDirectories).Prepend(top))];

    /// <summary>Roles know the home by their environment, supervisors by their arguments; instances are found by their control groups.</summary>
    private IEnumerable<int> Processes() => Directory.EnumerateDirectories("/proc").Select(path => Path.GetFileName(path)).Where(name => char.IsAsciiDigit(name[0]))
        .Where(pid => Text($"/proc/{pid}/environ").Split('\0').Contains($"PAAS_HOME={home.Root}") || Text($"/proc/{pid}/cmdline").Contains($"{home.Root}/", StringComparison.Ordinal))
        .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture));

    private static IEnumerable<int> Numbers(string file) => Text(file).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture));

    private static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The process has ended meanwhile, or is none of this machine's root's.
            return "";
        }
    }
}
