using System.Text;

namespace Paas.Engine;

/// <summary>What every engine promises (<see cref="IEngine"/>); each implementation's tests derive from it.</summary>
public abstract class EngineContract
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected abstract IEngine Engine { get; }

    /// <summary>A process that runs until it is stopped, on port 8080.</summary>
    private protected abstract ProcessSpec Running(string app, int count);

    /// <summary>A process that ends with 7 as soon as it starts.</summary>
    private protected abstract ProcessSpec Failing(string app);

    /// <summary>A one-off that ends with 3.</summary>
    private protected abstract RunSpec OneOff(string id);

    [Fact]
    public async Task Applied_instances_run_and_have_endpoints()
    {
        await using var observer = new Observer(Engine);
        var spec = Running("alpha", 2);

        await Engine.ApplyAsync(spec, Token);

        foreach (var index in (int[])[1, 2])
        {
            var state = await observer.UntilAsync(state => state.Id == new InstanceId(spec.Key, index) && state.Phase == InstancePhase.Running, Token);
            Assert.Equal(8080, state.Endpoint?.Port);
            Assert.NotEmpty(state.Run);
        }
    }

    [Fact]
    public async Task Applying_again_starts_nothing_twice()
    {
        await using var observer = new Observer(Engine);
        var spec = Running("beta", 1);
        await Engine.ApplyAsync(spec, Token);
        var first = await observer.UntilAsync(state => state.Phase == InstancePhase.Running, Token);

        await Engine.ApplyAsync(spec, Token);
        await Engine.ApplyAsync(spec with { Count = 2 }, Token);
        await observer.UntilAsync(state => state.Id.Index == 2 && state.Phase == InstancePhase.Running, Token);

        Assert.Equal(first.Run, (await Engine.InspectAsync(first.Id, Token))!.Instance.Run);
    }

    [Fact]
    public async Task A_watcher_gets_the_state_first_then_changes()
    {
        await using (var observer = new Observer(Engine))
        {
            await Engine.ApplyAsync(Running("gamma", 1), Token);
            await observer.UntilAsync(state => state.Phase == InstancePhase.Running, Token);
        }

        var events = Engine.WatchAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(InstancePhase.Running, Assert.IsType<InstanceObserved>(events.Current).Instance.Phase);
        Assert.True(await events.MoveNextAsync());
        Assert.IsType<Observed>(events.Current);
        await Engine.RemoveAsync(Running("gamma", 1).Key, TimeSpan.FromSeconds(1), Token);
        while (await events.MoveNextAsync() && events.Current is not InstanceGone)
        {
        }

        Assert.IsType<InstanceGone>(events.Current);
        await events.DisposeAsync();
    }

    [Fact]
    public async Task Fewer_are_the_lowest_indices()
    {
        await using var observer = new Observer(Engine);
        var spec = Running("delta", 2);
        await Engine.ApplyAsync(spec, Token);
        await observer.UntilAsync(state => state.Id.Index == 2 && state.Phase == InstancePhase.Running, Token);

        await Engine.ApplyAsync(spec with { Count = 1 }, Token);
        await observer.UntilGoneAsync(new InstanceId(spec.Key, 2), Token);

        Assert.NotNull(await Engine.InspectAsync(new InstanceId(spec.Key, 1), Token));
    }

    [Fact]
    public async Task One_that_fails_tells_how_and_backs_off()
    {
        await using var observer = new Observer(Engine);

        await Engine.ApplyAsync(Failing("epsilon"), Token);
        var state = await observer.UntilAsync(state => state.Phase == InstancePhase.BackingOff && state.Restarts == 2, Token);

        Assert.Equal(7, state.LastExit?.Code);
    }

    [Fact]
    public async Task Unknown_processes_are_no_error()
    {
        var unknown = new InstanceId(new ProcessKey("nobody", 1, 0, "web"), 1);

        await Engine.RemoveAsync(unknown.Process, TimeSpan.FromSeconds(1), Token);

        Assert.Null(await Engine.StatsAsync(unknown, Token));
        Assert.Null(await Engine.InspectAsync(unknown, Token));
        Assert.Null(await Engine.ExecAsync(unknown, ["/probe"], new RunStreams(null, null, null), Token));
    }

    [Fact]
    public async Task A_one_off_runs_to_its_exit()
    {
        using var output = new MemoryStream();

        var exit = await Engine.RunAsync(OneOff("zeta.run.1"), new RunStreams(new MemoryStream(Encoding.UTF8.GetBytes("in")), output, null), Token);

        Assert.Equal((3, null), (exit.Code, exit.Cause));
    }
}
