using Paas.Engine;

namespace Paas.Instances;

public sealed class InstanceViewsTests
{
    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddMinutes(5);

    [Theory]
    [InlineData(0, "Live for 4 min")]
    [InlineData(1, "Live for 4 min. Restarted once, last after: disk limit of 1 GB")]
    [InlineData(3, "Live for 4 min. Restarted 3 times, last after: disk limit of 1 GB")]
    public void An_instance_that_was_restarted_still_says_why(int restarts, string sentence)
    {
        var exit = restarts == 0 ? null : new ExitInfo(137, DateTimeOffset.UnixEpoch, "disk limit of 1 GB");
        var state = new InstanceState(new InstanceId(new ProcessKey("a1", 1, 0, "worker"), 1), InstancePhase.Running, null, _now.AddMinutes(-4), restarts, exit, "run");
        var board = new InstanceBoard();
        board.Observe(state);
        var view = InstanceViews.Of(board.Find(state.Id)!, null, 512, _now);
        Assert.Equal(("live", sentence), (view.State, view.Sentence));
    }
}
