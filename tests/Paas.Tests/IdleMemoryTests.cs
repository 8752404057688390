namespace Paas;

public sealed class IdleMemoryTests
{
    [Theory]
    [InlineData(0, 9 << 20, true)]
    [InlineData(5 << 20, 100 << 20, false)]
    [InlineData(0, 1 << 20, false)]
    public void Memory_is_given_back_at_rest_and_only_when_it_is_worth_it(long sinceLook, long sinceCollection, bool due) =>
        Assert.Equal(due, IdleMemory.IsDue(sinceLook, sinceCollection));

    [Fact]
    public async Task A_role_keeps_its_exit_code() => Assert.Equal(3, await IdleMemory.AroundAsync(Task.FromResult(3), TimeProvider.System));
}
