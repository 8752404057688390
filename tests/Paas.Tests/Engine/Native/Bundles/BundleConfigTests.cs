using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Paas.Oci;

namespace Paas.Engine.Native.Bundles;

public sealed class BundleConfigTests
{
    private static readonly SandboxSpec Spec = new()
    {
        Id = "hello.v3.web.1",
        Image = Digest.Of([]),
        Args = ["node", "server.js"],
        Env = new Dictionary<string, string> { ["PORT"] = "8080", ["A"] = "it's \"x\"" },
        WorkingDirectory = "/workspace",
        Uid = 1000,
        Gid = 1001,
        Limits = new Limits { Cpus = 1.5 },
    };

    [Fact]
    public void Process_is_the_users_without_any_privilege()
    {
        var process = Write(Spec)["process"]!;

        Assert.Equal("""["/dev/init","-g","--","node","server.js"]""", process["args"]!.ToJsonString());
        Assert.Equal("""{"uid":1000,"gid":1001}""", process["user"]!.ToJsonString());
        Assert.Equal("""{"bounding":[],"effective":[],"permitted":[],"inheritable":[],"ambient":[]}""", process["capabilities"]!.ToJsonString());
        Assert.True(process["noNewPrivileges"]!.GetValue<bool>());
        Assert.Equal("/workspace", process["cwd"]!.GetValue<string>());
        Assert.Equal(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=it's \"x\"", "PORT=8080"], Strings(process["env"]!));
    }

    [Fact]
    public void Root_of_an_image_may_hand_over_to_another_user_inside_its_user_namespace_only()
    {
        var root = Spec with { Uid = 0, Gid = 0 };
        const string some = """["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FOWNER","CAP_FSETID","CAP_KILL","CAP_NET_BIND_SERVICE","CAP_SETGID","CAP_SETUID"]""";

        var process = Write(root)["process"]!;
        Assert.Equal(some, process["capabilities"]!["effective"]!.ToJsonString());
        Assert.Equal(some, process["capabilities"]!["bounding"]!.ToJsonString());
        Assert.True(process["noNewPrivileges"]!.GetValue<bool>());
        Assert.Equal("[]", Write(root, idBase: null)["process"]!["capabilities"]!["bounding"]!.ToJsonString());
    }

    [Fact]
    public void Making_images_takes_a_user_namespace()
    {
        var maker = Spec with { Uid = 0, Gid = 0, MakesImages = true };

        var process = Write(maker)["process"]!;
        Assert.Equal(
            """["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FOWNER","CAP_FSETID","CAP_KILL","CAP_NET_BIND_SERVICE","CAP_SETGID","CAP_SETUID","CAP_SETFCAP","CAP_SETPCAP","CAP_SYS_ADMIN","CAP_SYS_CHROOT"]""",
            process["capabilities"]!["bounding"]!.ToJsonString());
        Assert.True(process["noNewPrivileges"]!.GetValue<bool>());
        Assert.Equal("[]", Write(maker with { Uid = 1000 })["process"]!["capabilities"]!["bounding"]!.ToJsonString());
        Assert.Throws<EngineException>(() => Write(maker, idBase: null));
    }

    [Fact]
    public void An_instance_reads_its_own_limits_where_runtimes_look_for_them()
    {
        var limits = MountAt(Write(Spec), "/sys/fs/cgroup")!;
        Assert.Equal("cgroup", limits["type"]!.GetValue<string>());
        Assert.Contains("ro", Strings(limits["options"]!));
    }

    [Fact]
    public void Making_images_opens_mounts_and_a_changed_root_and_no_user_namespace_below()
    {
        var usual = SeccompProfile.For(Architecture.X64);
        var wider = SeccompProfile.For(Architecture.X64, makesImages: true);

        Assert.Equal(["chroot", "mount", "setdomainname", "sethostname", "umount2", "unshare"], Allowed(wider).Except(Allowed(usual)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Allowed(wider), name => name is "bpf" or "keyctl" or "open_tree" or "move_mount" or "fsopen" or "setns" or "pivot_root" or "io_uring_setup");
        const ulong newUser = 0x10000000, newNet = 0x40000000, newMounts = 0x20000;
        foreach (var rule in wider.Syscalls.Where(rule => rule.Names.Contains("unshare") || rule.Names.Contains("clone")))
        {
            var flags = rule.Args![0].Value;
            Assert.Equal(newUser | newNet, flags & (newUser | newNet));
            Assert.Equal(0ul, flags & newMounts);
        }

        static IEnumerable<string> Allowed(RuntimeSeccomp profile) => profile.Syscalls.Where(rule => rule.Action == "SCMP_ACT_ALLOW").SelectMany(rule => rule.Names);
    }

    [Fact]
    public void Every_port_is_free_to_every_user() =>
        Assert.Equal("""{"net.ipv4.ip_unprivileged_port_start":"0"}""", Write(Spec)["linux"]!["sysctl"]!.ToJsonString());

    [Fact]
    public void Limits_are_written_once_for_both_cgroup_versions()
    {
        var resources = Write(Spec)["linux"]!["resources"]!;

        Assert.Equal("""{"limit":536870912,"swap":536870912}""", resources["memory"]!.ToJsonString());
        Assert.Equal("""{"shares":1024,"quota":150000,"period":100000}""", resources["cpu"]!.ToJsonString());
        Assert.Equal("""{"limit":512}""", resources["pids"]!.ToJsonString());
        Assert.Equal("""{"allow":false,"access":"rwm"}""", resources["devices"]![0]!.ToJsonString());
        Assert.Equal("""{"limit":536870912}""", Write(Spec, limitSwap: false)["linux"]!["resources"]!["memory"]!.ToJsonString());
    }

    [Fact]
    public void Namespaces_are_all_its_own_and_ids_are_shifted_where_the_kernel_can()
    {
        var with = Write(Spec)["linux"]!;
        var without = Write(Spec, idBase: null)["linux"]!;

        Assert.Equal(["pid", "ipc", "uts", "mount", "network", "user"], with["namespaces"]!.AsArray().Select(entry => entry!["type"]!.GetValue<string>()));
        Assert.Equal("""[{"containerID":0,"hostID":200000,"size":65536}]""", with["uidMappings"]!.ToJsonString());
        Assert.DoesNotContain(without["namespaces"]!.AsArray(), entry => entry!["type"]!.GetValue<string>() == "user");
        Assert.Null(without["uidMappings"]);
        Assert.Equal("/paas-1a2b/hello.v3.web.1", with["cgroupsPath"]!.GetValue<string>());
    }

    [Fact]
    public void A_read_only_root_gets_a_tmp_of_its_own()
    {
        Assert.Null(MountAt(Write(Spec), "/tmp"));
        var config = Write(Spec with { ReadOnlyRoot = true });

        Assert.True(config["root"]!["readonly"]!.GetValue<bool>());
        Assert.Equal("tmpfs", MountAt(config, "/tmp")!["type"]!.GetValue<string>());
    }

    [Fact]
    public void Mounts_over_lowers_show_their_merged_view()
    {
        var config = Write(Spec with
        {
            Mounts = [new SandboxMount("/b/plain", "/platform", ReadOnly: true), new SandboxMount("/b/layers", "/layers", ReadOnly: false, ["/snap"])],
        });

        Assert.Equal("""{"destination":"/platform","type":"bind","source":"/b/plain","options":["rbind","ro","nosuid","nodev","rprivate"]}""", MountAt(config, "/platform")!.ToJsonString());
        Assert.Equal("/b/layers/merged", MountAt(config, "/layers")!["source"]!.GetValue<string>());
    }

    [Fact]
    public void The_compiled_filter_goes_to_crun_beside_the_profile()
    {
        var config = Write(Spec);

        Assert.Equal("QUJD", config["annotations"]!["run.oci.seccomp_bpf_data"]!.GetValue<string>());
        Assert.Equal("SCMP_ACT_ERRNO", config["linux"]!["seccomp"]!["defaultAction"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("web.1", "web-1")]
    [InlineData("Hello.Run_x", "hello-run-x")]
    public void Host_names_are_labels(string name, string expected) => Assert.Equal(expected, BundleConfig.HostnameOf(name));

    [Fact]
    public void Long_host_names_keep_their_end() =>
        Assert.Equal(63, BundleConfig.HostnameOf(new string('a', 80) + ".1").Length);

    [Fact]
    public void Names_are_asked_of_the_gateway()
    {
        Assert.Equal("search internal\nnameserver 10.9.0.1\noptions timeout:3 attempts:2\n", EtcFiles.ResolvConf(IPAddress.Parse("10.9.0.1")));
        Assert.DoesNotContain("nameserver", EtcFiles.ResolvConf(null), StringComparison.Ordinal);
        Assert.Contains("10.9.0.7 web-1\n", EtcFiles.Hosts("web-1", IPAddress.Parse("10.9.0.7")), StringComparison.Ordinal);
    }

    [Fact]
    public void No_system_call_is_both_allowed_and_refused()
    {
        foreach (var architecture in (Architecture[])[Architecture.X64, Architecture.Arm64])
        {
            var profile = SeccompProfile.For(architecture);
            var allowed = profile.Syscalls.Where(rule => rule.Action == "SCMP_ACT_ALLOW").SelectMany(rule => rule.Names).ToHashSet();
            var refused = profile.Syscalls.Where(rule => rule.Action != "SCMP_ACT_ALLOW").SelectMany(rule => rule.Names).ToHashSet();

            Assert.Empty(allowed.Intersect(refused));
            Assert.DoesNotContain("clone3", allowed);
            Assert.Superset(new HashSet<string> { "mount", "setns", "unshare", "keyctl", "bpf", "perf_event_open", "io_uring_setup" }, refused);
        }
    }

    private static JsonNode Write(SandboxSpec spec, int? idBase = 200000, bool limitSwap = true) => JsonNode.Parse(BundleConfig.Json(
        new Bundle("/state/b/hello.v3.web.1"),
        new BundleSpec
        {
            Sandbox = spec,
            Hostname = "web.1",
            Address = IPAddress.Parse("10.9.0.7"),
            Gateway = IPAddress.Parse("10.9.0.1"),
            CgroupsPath = "/paas-1a2b/hello.v3.web.1",
            IdBase = idBase,
            Init = "/usr/bin/tini-static",
            Seccomp = SeccompProfile.For(Architecture.X64),
            SeccompFilter = "QUJD",
            LimitSwap = limitSwap,
        }))!;

    private static JsonNode? MountAt(JsonNode config, string target) =>
        config["mounts"]!.AsArray().SingleOrDefault(mount => mount!["destination"]!.GetValue<string>() == target);

    private static string[] Strings(JsonNode array) => [.. array.AsArray().Select(entry => entry!.GetValue<string>())];
}
