using Paas.Apps;
using Paas.Instances;
using Paas.Releases;
using Paas.Testing;

namespace Paas.Deploys;

/// <summary>What a control that was killed in the middle of a change left, and what the next one makes of it.</summary>
public sealed class DeploysLoopTests : IAsyncLifetime
{
    private static readonly ConfigVar Changed = new("COLOUR", "blue", Plain: false, RunOnly: false);

    private LiveApp _live = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private DeployRecord Latest => _live.Get<DeployStore>().Latest(_live.App.Id)!;

    public async ValueTask InitializeAsync() => _live = await LiveApp.StartAsync();

    public ValueTask DisposeAsync() => _live.DisposeAsync();

    [Fact]
    public async Task A_config_change_that_was_switched_is_live_and_its_vars_are_the_apps()
    {
        Begin(DeployCause.Config);
        _live.Get<RolloutStore>().Switch(_live.Get<RolloutStore>().Begin(_live.App.Id, 2));
        await NextControlAsync();
        Assert.Equal(DeployState.Live, Latest.State);
        Assert.Equal([Changed], _live.Get<AppStore>().ConfigVars(_live.App.Id));
        Assert.True(_live.Get<ReleaseStore>().Find(_live.App.Id, 2)!.Good);
    }

    [Fact]
    public async Task A_config_change_that_was_not_switched_goes_on_before_what_comes_now()
    {
        Begin(DeployCause.Config);
        await NextControlAsync();
        await using (await _live.Get<DeployQueue>().TakeAsync(_live.App.Id, null, Cancelled))
        {
            Assert.Equal(DeployState.Live, Latest.State);
            Assert.Equal(2, _live.Get<RolloutStore>().CurrentOf(_live.App.Id)!.Release);
            Assert.Equal([Changed], _live.Get<AppStore>().ConfigVars(_live.App.Id));
        }
    }

    [Fact]
    public async Task A_push_that_was_not_switched_is_interrupted()
    {
        Begin(DeployCause.Push);
        await NextControlAsync();
        Assert.Equal(DeployState.Interrupted, Latest.State);
        Assert.Equal(1, _live.Get<RolloutStore>().CurrentOf(_live.App.Id)!.Release);
    }

    [Fact]
    public async Task A_change_is_left_to_the_next_control_when_the_platform_stops()
    {
        using var stopping = new CancellationTokenSource();
        _live.Paas.Engine.EndpointOf = (_, _) => null;
        var change = _live.Get<Deploy>().ReleaseAsync(_live.App, DeployCause.Config, LiveApp.Draft(Changed), static _ => { }, stopping.Token);
        await LiveApp.UntilAsync(() => _live.Paas.Engine.Specs.Any(spec => spec.Key.Release == 2));
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => change);
        Assert.Equal(DeployState.Starting, Latest.State);
        Assert.DoesNotContain(_live.Paas.Engine.Specs, spec => spec.Key.Release == 2);
    }

    private void Begin(DeployCause cause)
    {
        var record = _live.Get<DeployStore>().Begin(_live.App.Id, cause, "admin", null, null, null);
        _live.Get<Freeze>().Keep(_live.App.Id, record.Number, LiveApp.Draft(Changed));
    }

    private Task NextControlAsync() => ActivatorUtilities.CreateInstance<DeploysLoop>(_live.Paas.Services).StartAsync(Cancelled);
}
