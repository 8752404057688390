namespace Paas.Engine.Native.Cgroups;

/// <summary>What is read from and written to the files of control groups, as text in a folder that stands for the kernel's.</summary>
public sealed class CgroupTests : IDisposable
{
    private readonly DirectoryInfo _mount = Directory.CreateTempSubdirectory("paas-cgroup-");

    public void Dispose() => _mount.Delete(recursive: true);

    [Fact]
    public void Version_2_reads_use_and_kills_of_one_unified_group()
    {
        Write("paas-1a2b/web.1/memory.current", "73400320\n");
        Write("paas-1a2b/web.1/memory.stat", "anon 52428800\nfile 20971520\ninactive_file 10485760\n");
        Write("paas-1a2b/web.1/cpu.stat", "usage_usec 1500000\nuser_usec 1000000\n");
        Write("paas-1a2b/web.1/pids.current", "17\n");
        Write("paas-1a2b/web.1/memory.events", "low 0\noom 4\noom_kill 3\noom_group_kill 0\n");
        Write("paas-1a2b/conmon/cgroup.procs", "");
        var groups = new CgroupV2("1a2b", _mount.FullName);

        Assert.Equal((73400320 - 10485760, TimeSpan.FromSeconds(1.5), 17), groups.Usage("web.1"));
        Assert.Equal(3, groups.OutOfMemoryKills("web.1"));
        Assert.Equal(["web.1"], groups.List());
        Assert.Equal("/paas-1a2b/web.1", groups.PathOf("web.1"));
        Assert.Equal((2, true), (groups.Version, groups.LimitSwap));
    }

    [Fact]
    public void Version_2_kills_a_whole_group_with_one_write_and_shelters_supervisors_in_a_group_of_their_own()
    {
        Write("paas-1a2b/web.1/cgroup.kill", "");
        Write("paas-1a2b/conmon/cgroup.procs", "");
        var groups = new CgroupV2("1a2b", _mount.FullName);

        groups.Kill("web.1");
        groups.Shelter(4711);
        Assert.Equal("1", Read("paas-1a2b/web.1/cgroup.kill"));
        Assert.Equal("4711", Read("paas-1a2b/conmon/cgroup.procs"));
    }

    [Fact]
    public void Version_1_reads_each_controller_in_its_own_hierarchy()
    {
        foreach (var controller in new[] { "memory", "cpuacct", "pids", "freezer" })
        {
            Write($"{controller}/cgroup.procs", "");
            Directory.CreateDirectory(Path.Combine(_mount.FullName, controller, "paas-1a2b/web.1"));
        }

        Write("memory/paas-1a2b/web.1/memory.usage_in_bytes", "73400320\n");
        Write("memory/paas-1a2b/web.1/memory.stat", "cache 20971520\ntotal_inactive_file 10485760\n");
        Write("memory/paas-1a2b/web.1/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        Write("cpuacct/paas-1a2b/web.1/cpuacct.usage", "1500000000\n");
        Write("pids/paas-1a2b/web.1/pids.current", "17\n");
        Write("pids/paas-1a2b/conmon/cgroup.procs", "");
        Write("memory/paas-1a2b/conmon/cgroup.procs", "");
        Write("freezer/paas-1a2b/web.1/freezer.state", "FROZEN");
        var groups = new CgroupV1("1a2b", _mount.FullName);

        Assert.Equal((73400320 - 10485760, TimeSpan.FromSeconds(1.5), 17), groups.Usage("web.1"));
        Assert.Equal(2, groups.OutOfMemoryKills("web.1"));
        Assert.Equal(["web.1"], groups.List());
        Assert.Equal((1, false), (groups.Version, groups.LimitSwap));
        groups.Kill("web.1");
        groups.Shelter(4711);
        Assert.StartsWith("THAWED", Read("freezer/paas-1a2b/web.1/freezer.state"), StringComparison.Ordinal);
        Assert.Equal(("4711", "4711"), (Read("pids/paas-1a2b/conmon/cgroup.procs"), Read("memory/paas-1a2b/conmon/cgroup.procs")));
    }

    [Fact]
    public void Group_that_is_gone_has_no_use_and_no_kills()
    {
        foreach (var groups in new Cgroup[] { new CgroupV1("1a2b", _mount.FullName), new CgroupV2("1a2b", _mount.FullName) })
        {
            Assert.Null(groups.Usage("web.1"));
            Assert.Equal(0, groups.OutOfMemoryKills("web.1"));
            Assert.Empty(groups.List());
            groups.Kill("web.1");
            groups.Remove("web.1");
            groups.RemoveAll();
        }
    }

    private void Write(string file, string text)
    {
        var path = Path.Combine(_mount.FullName, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(_mount.FullName, file));
}
