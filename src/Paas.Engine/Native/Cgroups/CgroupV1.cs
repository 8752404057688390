using System.Globalization;

namespace Paas.Engine.Native.Cgroups;

/// <summary>One hierarchy for each controller (kernel, Documentation/admin-guide/cgroup-v1).</summary>
internal sealed class CgroupV1(string tag, string mount) : Cgroup(tag, mount)
{
    private const string Shelters = "conmon";

    public override int Version => 1;

    public override bool LimitSwap { get; } = File.Exists($"{mount}/memory/memory.memsw.limit_in_bytes");

    public override long OutOfMemoryKills(string id) => Keyed(Read(Of("memory", id, "memory.oom_control")), "oom_kill");

    public override (long Memory, TimeSpan Cpu, int Pids)? Usage(string id)
    {
        var used = Read(Of("memory", id, "memory.usage_in_bytes"));
        if (used is null)
        {
            return null;
        }

        // Page cache that the kernel can drop at once is not the instance's need.
        var cache = Keyed(Read(Of("memory", id, "memory.stat")), "total_inactive_file");
        return (
            Math.Max(0, Number(used) - cache),
            TimeSpan.FromMicroseconds(Number(Read(Of("cpuacct", id, "cpuacct.usage"))) / 1000.0),
            (int)Number(Read(Of("pids", id, "pids.current"))));
    }

    public override IReadOnlySet<string> List() =>
        Hierarchies()
            .Select(hierarchy => Path.Combine(hierarchy, Parent))
            .Where(Directory.Exists)
            .SelectMany(parent => Directory.EnumerateDirectories(parent))
            .Select(group => Path.GetFileName(group)!)
            .Where(id => id != Shelters)
            .ToHashSet(StringComparer.Ordinal);

    public override void Kill(string id)
    {
        KillAll(Read(Of("pids", id, "cgroup.procs")));

        // A frozen process does not die before it is thawed.
        TryWrite(Of("freezer", id, "freezer.state"), "THAWED");
    }

    public override void Remove(string id)
    {
        foreach (var hierarchy in Hierarchies())
        {
            RemoveTree(Path.Combine(hierarchy, Parent, id));
        }
    }

    public override void RemoveAll()
    {
        foreach (var hierarchy in Hierarchies())
        {
            RemoveTree(Path.Combine(hierarchy, Parent));
        }
    }

    public override void Shelter(int pid)
    {
        foreach (var controller in (ReadOnlySpan<string>)["memory", "pids"])
        {
            Directory.CreateDirectory(Of(controller, Shelters, ""));
            TryWrite(Of(controller, Shelters, "cgroup.procs"), pid.ToString(CultureInfo.InvariantCulture));
        }
    }

    public override void Prime()
    {
        // "0" is the writer itself; the root of the freezer hierarchy is where we are already, unless somebody moved us.
        if ((Read("/proc/self/cgroup") ?? "").Contains(":freezer:/\n", StringComparison.Ordinal))
        {
            TryWrite($"{Mount}/freezer/cgroup.procs", "0");
        }
    }

    private string Of(string controller, string id, string file) => $"{Mount}/{controller}/{Parent}/{id}/{file}";

    /// <summary>cgroup2 beside v1 (hybrid) counts too: the runtime may leave a directory there.</summary>
    private IEnumerable<string> Hierarchies() =>
        Directory.EnumerateDirectories(Mount).Where(directory => new DirectoryInfo(directory).LinkTarget is null && File.Exists(Path.Combine(directory, "cgroup.procs")));
}
