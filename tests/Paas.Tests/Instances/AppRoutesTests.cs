using System.Net;
using Paas.Apps;
using Paas.Engine;
using Paas.Routing;

namespace Paas.Instances;

public sealed class AppRoutesTests
{
    private static readonly App Hello = new() { Id = 7, TeamId = 1, Name = "hello", CreatedAt = DateTimeOffset.UnixEpoch };
    private readonly InstanceBoard _board = new();

    [Fact]
    public void Only_healthy_instances_of_the_current_release_are_routed_to()
    {
        See(Instance(3, 0, 1), healthy: true);
        See(Instance(3, 0, 2), healthy: false);
        See(Instance(2, 0, 1), healthy: true);

        var route = Route(new RolloutRow(7, 3, 0, RolloutState.Current), webCount: 2);
        Assert.Equal("a7.v3.web.1/run-1", Assert.Single(route.Endpoints).Id);
        Assert.Null(route.Sentence);
    }

    [Fact]
    public void An_instance_beyond_the_wished_count_leaves_the_routes_before_it_is_stopped()
    {
        See(Instance(3, 0, 1), healthy: true);
        See(Instance(3, 0, 2), healthy: true);
        Assert.Single(Route(new RolloutRow(7, 3, 0, RolloutState.Current), webCount: 1).Endpoints);
    }

    [Fact]
    public void A_restart_of_the_same_release_has_endpoints_of_its_own()
    {
        See(Instance(3, 0, 1), healthy: true);
        See(Instance(3, 1, 1), healthy: true);
        Assert.Equal("a7.v3-1.web.1/run-1", Assert.Single(Route(new RolloutRow(7, 3, 1, RolloutState.Current), webCount: 1).Endpoints).Id);
    }

    [Fact]
    public void An_instance_that_died_is_no_longer_routed_to_until_its_new_run_is_healthy()
    {
        var state = Instance(3, 0, 1);
        See(state, healthy: true);
        _board.Observe(state with { Phase = InstancePhase.BackingOff });
        Assert.Empty(Route(new RolloutRow(7, 3, 0, RolloutState.Current), 1).Endpoints);

        _board.Observe(state with { Run = "run-2" });
        Assert.Empty(Route(new RolloutRow(7, 3, 0, RolloutState.Current), 1).Endpoints);
        _board.MarkHealthy(state.Id, "run-1");
        Assert.Empty(Route(new RolloutRow(7, 3, 0, RolloutState.Current), 1).Endpoints);
        _board.MarkHealthy(state.Id, "run-2");
        Assert.Single(Route(new RolloutRow(7, 3, 0, RolloutState.Current), 1).Endpoints);
    }

    [Theory]
    [InlineData(false, 1, "Nothing has been deployed to hello yet.")]
    [InlineData(true, 0, "hello is scaled to 0 web instances.")]
    [InlineData(true, null, "hello has no web process: nothing answers here.")]
    [InlineData(true, 1, "hello is starting or restarting.")]
    public void With_nothing_to_route_to_the_visitor_reads_why(bool released, int? webCount, string sentence) =>
        Assert.Equal(sentence, Route(released ? new RolloutRow(7, 1, 0, RolloutState.Current) : null, webCount).Sentence);

    [Fact]
    public void Every_domain_of_the_app_has_its_route()
    {
        var routes = AppRoutes.Build([new RoutedApp(Hello, ["hello.localhost", "example.com"], null, 1)], _board);
        Assert.Equal(["example.com", "hello.localhost"], routes.Keys.Order());
    }

    private AppRoute Route(RolloutRow? current, int? webCount) =>
        AppRoutes.Build([new RoutedApp(Hello, ["hello.localhost"], current, webCount)], _board)["hello.localhost"];

    private void See(InstanceState state, bool healthy)
    {
        _board.Observe(state);
        if (healthy)
        {
            _board.MarkHealthy(state.Id, state.Run);
        }
    }

    private static InstanceState Instance(int release, int revision, int index) => new(
        new InstanceId(new ProcessKey(Hello.EngineName, release, revision, "web"), index),
        InstancePhase.Running,
        new IPEndPoint(IPAddress.Parse($"10.9.{release}.{index}"), 8080),
        DateTimeOffset.UnixEpoch,
        0,
        null,
        "run-1");
}
