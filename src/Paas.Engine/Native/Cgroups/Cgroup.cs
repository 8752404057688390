using System.Globalization;

namespace Paas.Engine.Native.Cgroups;

/// <summary>The control groups of one home: /paas-&lt;tag&gt;/&lt;sandbox id&gt; in every hierarchy. The runtime makes them;
/// here they are read, emptied and removed.</summary>
internal abstract class Cgroup(string tag, string mount)
{
    private const string KernelMount = "/sys/fs/cgroup";

    /// <summary>Where the kernel shows them.</summary>
    protected string Mount { get; } = mount;

    /// <summary>"paas-1a2b".</summary>
    protected string Parent { get; } = $"paas-{tag}";

    /// <summary>1 when controllers sit in hierarchies of their own (also beside an empty cgroup2), else 2.</summary>
    public abstract int Version { get; }

    public abstract bool LimitSwap { get; }

    /// <summary>What config.json carries.</summary>
    public string PathOf(string id) => $"/{Parent}/{id}";

    public static Cgroup Detect(string tag) =>
        Directory.Exists($"{KernelMount}/memory") ? new CgroupV1(tag, KernelMount) : new CgroupV2(tag, KernelMount);

    /// <summary>How often the kernel killed for memory in it. 0 when it is gone.</summary>
    public abstract long OutOfMemoryKills(string id);

    /// <summary>Null when it is gone.</summary>
    public abstract (long Memory, TimeSpan Cpu, int Pids)? Usage(string id);

    /// <summary>Ids of the sandboxes that have a group.</summary>
    public abstract IReadOnlySet<string> List();

    /// <summary>Kills all that is in it.</summary>
    public abstract void Kill(string id);

    /// <summary>Removes the empty groups; one still in use stays for the next sweep.</summary>
    public abstract void Remove(string id);

    /// <summary>Removes the home's own groups too, when nothing of it runs any more.</summary>
    public abstract void RemoveAll();

    /// <summary>Moves a supervisor out of control's own group, so that neither limits nor a stop of control's reach it.</summary>
    public abstract void Shelter(int pid);

    /// <summary>The first attach to a group waits for one RCU grace period (11 ms): a no-op move of ourselves at the start of a
    /// start-up lets that pass beside the mounts. Nothing on v2, where the runtime clones into the group.</summary>
    public abstract void Prime();

    protected static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    protected static bool TryWrite(string path, string text)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
            stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The number after a key in a flat keyed file.</summary>
    protected static long Keyed(string? text, string key)
    {
        foreach (var line in (text ?? "").Split('\n'))
        {
            if (line.StartsWith(key, StringComparison.Ordinal) && line.Length > key.Length && line[key.Length] == ' ')
            {
                return long.Parse(line.AsSpan(key.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }

    protected static long Number(string? text) =>
        long.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>rmdir from the leaves up; the files in it go with their directory.</summary>
    protected static void RemoveTree(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        try
        {
            foreach (var child in Directory.EnumerateDirectories(directory))
            {
                RemoveTree(child);
            }

            Directory.Delete(directory);
        }
        catch (IOException)
        {
            // EBUSY: its last process is still being buried.
        }
    }

    protected static void KillAll(string? pids)
    {
        foreach (var line in (pids ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Interop.Libc.Kill(int.Parse(line, NumberStyles.None, CultureInfo.InvariantCulture), Interop.Libc.SIGKILL);
        }
    }
}
