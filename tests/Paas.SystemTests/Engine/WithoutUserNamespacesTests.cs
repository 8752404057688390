namespace Paas.Engine;

/// <summary>Kernels before 5.19 cannot put an overlay on mapped mounts: everything runs there, with the host's own ids.</summary>
public sealed class WithoutUserNamespacesTests : IAsyncLifetime
{
    private EngineLab _lab = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _lab = await EngineLab.StartAsync(Token, userNamespaces: false);

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Sandboxes_and_instances_run_without_them_and_the_engine_says_so()
    {
        Assert.False(_lab.Engine.Capabilities.UserNamespaces);
        Assert.Contains(_lab.Engine.Capabilities.Missing, missing => missing.StartsWith("Instances and builds run without a user namespace: ", StringComparison.Ordinal));

        var (_, id) = await _lab.RunAsync(_lab.Spec("id", "id"), Token);
        var (_, map) = await _lab.RunAsync(_lab.Spec("map", "read", "/proc/self/uid_map"), Token);
        var (_, status) = await _lab.RunAsync(_lab.Spec("status", "read", "/proc/self/status"), Token);
        Assert.StartsWith("1000 1000 ", id, StringComparison.Ordinal);
        Assert.Equal(["0", "0", "4294967295"], map.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("CapEff:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Contains("CapBnd:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1", status, StringComparison.Ordinal);
        Assert.DoesNotContain("allowed", (await _lab.RunAsync(_lab.Spec("rules", "rules"), Token)).Output, StringComparison.Ordinal);

        await _lab.AssertAnInstanceRunsAsync(Token);
    }

    [Fact]
    public async Task An_image_of_root_runs_as_nobody_in_particular()
    {
        var image = await _lab.Images.PutAsync((await _lab.Images.ReadAsync(_lab.Probe.Digest, Token)).Config with { Config = _lab.Probe.Config.Config! with { User = "0" } }, _lab.Probe.Manifest.Layers, null, Token);
        var spec = _lab.Process("root", 1) with { Image = image.Digest };

        await using var observer = new Observer(_lab.Engine);
        await _lab.Engine.ApplyAsync(spec, Token);
        var running = await observer.UntilAsync(state => state.Phase == InstancePhase.Running, Token);

        using var output = new MemoryStream();
        await _lab.Engine.ExecAsync(running.Id, ["/probe", "id"], new RunStreams(null, output, null), Token);
        Assert.StartsWith("1000 1000 ", System.Text.Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
    }
}
