using System.Text;
using Paas.Engine.Native;

namespace Paas.Engine;

public sealed class SandboxTests : IAsyncLifetime
{
    private EngineLab _lab = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _lab = await EngineLab.StartAsync(Token);

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Output_and_exit_code_come_back()
    {
        var (exit, output) = await _lab.RunAsync(_lab.Spec("echo", "echo", "hello", "world"), Token);

        Assert.Equal((0, null, "hello world\n"), (exit.Code, exit.Cause, output));
        Assert.Equal(42, (await _lab.RunAsync(_lab.Spec("exit", "exit", "42"), Token)).Exit.Code);
    }

    [Fact]
    public async Task Input_is_streamed_in_and_out()
    {
        var data = new byte[3 * 1024 * 1024];
        new Random(1).NextBytes(data);
        using var output = new MemoryStream();

        var exit = await _lab.Sandbox.RunAsync(_lab.Spec("copy", "copy"), new RunStreams(new MemoryStream(data), output, null), Token);

        Assert.Equal(0, exit.Code);
        Assert.True(data.AsSpan().SequenceEqual(output.GetBuffer().AsSpan(0, (int)output.Length)));
    }

    [Fact]
    public async Task Runs_as_its_user_under_an_init_and_nothing_more()
    {
        var (_, id) = await _lab.RunAsync(_lab.Spec("id", "id"), Token);
        var (_, status) = await _lab.RunAsync(_lab.Spec("status", "read", "/proc/self/status"), Token);
        var (_, rules) = await _lab.RunAsync(_lab.Spec("rules", "rules"), Token);

        Assert.StartsWith("1000 1000 ", id, StringComparison.Ordinal);
        Assert.NotEqual("1000 1000 1\n", id);
        Assert.Contains("CapEff:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Contains("CapBnd:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1", status, StringComparison.Ordinal);
        Assert.Contains("Seccomp:\t2", status, StringComparison.Ordinal);
        Assert.DoesNotContain("allowed", rules, StringComparison.Ordinal);
        Assert.Contains("unshare-user Operation not permitted", rules, StringComparison.Ordinal);
        Assert.Contains("unknown Function not implemented", rules, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_users_of_the_machine_see_into_no_sandbox()
    {
        Assert.Equal(0, (await _lab.RunAsync(_lab.Spec("id", "id"), Token)).Exit.Code);
        var bundles = Path.Combine(_lab.Home, "run", "engine", "b");

        var (code, output) = await Native.Runtimes.Runtime.CaptureAsync(
            ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", "/usr/bin/stat", "--", bundles], Token);

        Assert.True(Directory.Exists(bundles));
        Assert.True(code != 0 && output.Contains("Permission denied", StringComparison.Ordinal), output);
    }

    [Fact]
    public async Task Programs_that_control_starts_have_no_hand_on_its_sockets()
    {
        using var firewall = new Native.Network.Nftables();
        Assert.Null(firewall.TryRun("list tables"));

        var (code, output) = await Native.Runtimes.Runtime.CaptureAsync(["/bin/ls", "-l", "/proc/self/fd"], Token);

        Assert.True(code == 0 && !output.Contains("socket:", StringComparison.Ordinal), output);
    }

    [Fact]
    public async Task Only_the_given_environment_is_there()
    {
        Environment.SetEnvironmentVariable("SECRET_OF_THE_HOST", "x");
        var (_, environment) = await _lab.RunAsync(
            _lab.Spec("env", "read", "/proc/self/environ") with { Env = new Dictionary<string, string> { ["A"] = "1 2" } }, Token);

        Assert.Contains("A=1 2\0", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET_OF_THE_HOST", environment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Out_of_memory_is_told()
    {
        var (exit, _) = await _lab.RunAsync(_lab.Spec("eat", "eat") with { Limits = new Limits { MemoryBytes = 32 * 1024 * 1024 } }, Token);

        Assert.Equal((137, "out of memory at 32 MB"), (exit.Code, exit.Cause));
    }

    [Fact]
    public async Task Over_its_disk_limit_is_told()
    {
        var (exit, _) = await _lab.RunAsync(_lab.Spec("fill", "fill", "/app/big", "40") with { Limits = new Limits { DiskBytes = 20 * 1024 * 1024 } }, Token);

        Assert.Equal((137, "disk limit of 20 MB"), (exit.Code, exit.Cause));
    }

    [Fact]
    public async Task Past_its_time_is_told()
    {
        var (exit, _) = await _lab.RunAsync(_lab.Spec("sleep", "sleep") with { Timeout = TimeSpan.FromSeconds(0.5) }, Token);

        Assert.Equal((137, "time limit of 0.5 s"), (exit.Code, exit.Cause));
    }

    [Fact]
    public async Task Forking_without_end_stops_at_the_limit()
    {
        var (_, output) = await _lab.RunAsync(_lab.Spec("forks", "forks") with { Limits = new Limits { Pids = 64 } }, Token);

        Assert.InRange(int.Parse(output, System.Globalization.CultureInfo.InvariantCulture), 30, 64);
    }

    [Fact]
    public async Task Cancelling_kills_it_and_leaves_nothing()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        cancel.CancelAfter(TimeSpan.FromMilliseconds(400));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _lab.RunAsync(_lab.Spec("long", "stubborn"), cancel.Token));

        Assert.Empty(_lab.MountsLeft());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_lab.Home, "run", "engine", "b")));
        Assert.DoesNotContain("long", Directory.EnumerateDirectories(Path.Combine(_lab.Home, "engine", "uppers")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_program_that_does_not_exist_is_a_sentence()
    {
        var failure = await Assert.ThrowsAsync<EngineException>(() => _lab.RunAsync(_lab.Spec("none") with { WorkingDirectory = "/probe" }, Token));

        Assert.Contains("cannot create none", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_root_is_writable_where_its_user_may_and_thrown_away()
    {
        Assert.Equal("", (await _lab.RunAsync(_lab.Spec("w1", "write", "/app/x", "1"), Token)).Output);
        Assert.Equal("Permission denied\n", (await _lab.RunAsync(_lab.Spec("w2", "write", "/etc/x", "1"), Token)).Output);
        Assert.Equal("Read-only file system\n", (await _lab.RunAsync(_lab.Spec("w3", "write", "/app/x", "1") with { ReadOnlyRoot = true }, Token)).Output);
        Assert.Equal("", (await _lab.RunAsync(_lab.Spec("w4", "write", "/tmp/x", "1") with { ReadOnlyRoot = true }, Token)).Output);
        Assert.Equal("No such file or directory\n", (await _lab.RunAsync(_lab.Spec("w5", "read", "/app/x"), Token)).Output);
    }

    [Fact]
    public async Task A_mount_over_lowers_shows_both_and_keeps_what_was_written()
    {
        var layer = await _lab.Layers.CreateAsync(
            [new Paas.Oci.LayerSource(Write("restored.txt", "from the cache"), "cached/restored.txt", 1000, 1000, Mode: 0x1a4)], Token);
        var mount = new SandboxMount(Path.Combine(_lab.Home, "layers"), "/layers", ReadOnly: false, [_lab.Snapshots.PathOf(layer.DiffId)!]);
        Directory.CreateDirectory(mount.Source);

        Assert.Equal("from the cache", (await _lab.RunAsync(_lab.Spec("m1", "read", "/layers/cached/restored.txt") with { Mounts = [mount] }, Token)).Output);
        Assert.Equal("", (await _lab.RunAsync(_lab.Spec("m2", "write", "/layers/new", "made here") with { Mounts = [mount] }, Token)).Output);

        Assert.Equal("made here", await File.ReadAllTextAsync(Path.Combine(mount.Source, "merged", "new"), Token));
        Assert.Equal("from the cache", await File.ReadAllTextAsync(Path.Combine(mount.Source, "merged", "cached", "restored.txt"), Token));
        Assert.False(Directory.Exists(Path.Combine(mount.Source, "upper", "cached")));
        Sandbox.Unmount(mount);
        Assert.Empty(_lab.MountsLeft());
    }

    [Fact]
    public async Task An_image_of_127_layers_runs()
    {
        List<Paas.Oci.Layer> layers = [await _lab.ProbeLayerAsync(Token)];
        for (var number = 1; number < 127; number++)
        {
            layers.Add(await _lab.Layers.CreateAsync([new Paas.Oci.LayerSource(Write($"{number}.txt", $"{number}"), $"layers/{number}", 0, 0, Mode: 0x1a4)], Token));
        }

        var image = await _lab.ImageAsync(layers, Token);

        Assert.Equal("1", (await _lab.RunAsync(_lab.Spec("deep1", "read", "/layers/1") with { Image = image.Digest }, Token)).Output);
        Assert.Equal("126", (await _lab.RunAsync(_lab.Spec("deep2", "read", "/layers/126") with { Image = image.Digest }, Token)).Output);
    }

    [Fact]
    public async Task Without_a_network_there_is_only_loopback()
    {
        var (_, with) = await _lab.RunAsync(_lab.Spec("n1", "read", "/proc/net/dev"), Token);
        var (_, without) = await _lab.RunAsync(_lab.Spec("n2", "read", "/proc/net/dev") with { Network = SandboxNetwork.None }, Token);

        Assert.Contains("eth0", with, StringComparison.Ordinal);
        Assert.DoesNotContain("eth0", without, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_lab.Home, name);
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(text));
        return path;
    }
}
