namespace Paas.Deploys;

public sealed class DeployQueueTests
{
    private readonly DeployQueue _queue = new();

    [Fact]
    public async Task A_second_deploy_of_the_same_app_waits_and_is_told_so()
    {
        var told = 0;
        var first = await _queue.TakeAsync(1, null, TestContext.Current.CancellationToken);
        var second = _queue.TakeAsync(1, _ => told++, TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        Assert.Equal(1, told);

        await first.DisposeAsync();
        await (await second).DisposeAsync();
        Assert.False(_queue.IsTaken(1));
    }

    [Fact]
    public async Task Another_app_does_not_wait()
    {
        await using var first = await _queue.TakeAsync(1, null, TestContext.Current.CancellationToken);
        await using var other = await _queue.TakeAsync(2, _ => Assert.Fail("It should not wait."), TestContext.Current.CancellationToken);
        Assert.True(_queue.IsTaken(2));
    }

    [Fact]
    public async Task Who_leaves_the_queue_does_not_hold_it_up()
    {
        var first = await _queue.TakeAsync(1, null, TestContext.Current.CancellationToken);
        using var leaving = new CancellationTokenSource();
        var second = _queue.TakeAsync(1, null, leaving.Token);
        var third = _queue.TakeAsync(1, null, TestContext.Current.CancellationToken);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await first.DisposeAsync();
        await (await third).DisposeAsync();
    }

    [Fact]
    public async Task A_turn_that_is_given_back_twice_counts_once()
    {
        var turn = await _queue.TakeAsync(1, null, TestContext.Current.CancellationToken);
        await turn.DisposeAsync();
        await turn.DisposeAsync();
        await using var first = await _queue.TakeAsync(1, null, TestContext.Current.CancellationToken);
        Assert.True(_queue.IsTaken(1));
    }
}
