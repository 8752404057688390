using Paas.Engine.Native.Runtimes;

namespace Paas.Engine;

/// <summary>runc is the fallback where crun cannot run: the same promises, another start protocol.</summary>
public sealed class RuncTests : IAsyncLifetime
{
    private EngineLab _lab = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _lab = await EngineLab.StartAsync(Token, "runc");

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Sandboxes_and_instances_run_under_runc()
    {
        Assert.StartsWith("runc", _lab.Engine.Capabilities.Runtime, StringComparison.Ordinal);
        Assert.Equal("hello\n", (await _lab.RunAsync(_lab.Spec("echo", "echo", "hello"), Token)).Output);
        Assert.DoesNotContain("allowed", (await _lab.RunAsync(_lab.Spec("rules", "rules"), Token)).Output, StringComparison.Ordinal);

        await _lab.AssertAnInstanceRunsAsync(Token);
    }

    [Fact]
    public async Task A_runtime_that_is_not_there_is_a_sentence()
    {
        var options = new Native.NativeOptions { StateDirectory = _lab.Home, DataDirectory = _lab.Home, Tag = "0000", Runtime = "youki" };

        var failure = await Assert.ThrowsAsync<EngineException>(() => Runtime.DetectAsync(options, _lab.Home, Token));

        Assert.Contains("No youki works on this machine", failure.Message, StringComparison.Ordinal);
    }
}
