using System.Globalization;

namespace Paas.Engine.Native.Cgroups;

/// <summary>The unified hierarchy (kernel, Documentation/admin-guide/cgroup-v2.rst).</summary>
internal sealed class CgroupV2(string tag, string mount) : Cgroup(tag, mount)
{
    private const string Shelters = "conmon";

    public override int Version => 2;

    public override bool LimitSwap => true;

    public override long OutOfMemoryKills(string id) => Keyed(Read(Of(id, "memory.events")), "oom_kill");

    public override (long Memory, TimeSpan Cpu, int Pids)? Usage(string id)
    {
        var used = Read(Of(id, "memory.current"));
        if (used is null)
        {
            return null;
        }

        return (
            Math.Max(0, Number(used) - Keyed(Read(Of(id, "memory.stat")), "inactive_file")),
            TimeSpan.FromMicroseconds(Keyed(Read(Of(id, "cpu.stat")), "usage_usec")),
            (int)Number(Read(Of(id, "pids.current"))));
    }

    public override IReadOnlySet<string> List() =>
        Directory.Exists($"{Mount}/{Parent}")
            ? Directory.EnumerateDirectories($"{Mount}/{Parent}").Select(group => Path.GetFileName(group)!).Where(id => id != Shelters).ToHashSet(StringComparer.Ordinal)
            : new HashSet<string>();

    public override void Kill(string id)
    {
        // cgroup.kill is in the kernel since 5.14.
        if (!TryWrite(Of(id, "cgroup.kill"), "1"))
        {
            KillAll(Read(Of(id, "cgroup.procs")));
        }
    }

    public override void Remove(string id) => RemoveTree($"{Mount}/{Parent}/{id}");

    public override void RemoveAll() => RemoveTree($"{Mount}/{Parent}");

    public override void Shelter(int pid)
    {
        Directory.CreateDirectory($"{Mount}/{Parent}/{Shelters}");
        TryWrite(Of(Shelters, "cgroup.procs"), pid.ToString(CultureInfo.InvariantCulture));
    }

    public override void Prime()
    {
    }

    private string Of(string id, string file) => $"{Mount}/{Parent}/{id}/{file}";
}
