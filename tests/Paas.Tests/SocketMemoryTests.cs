namespace Paas;

public sealed class SocketMemoryTests
{
    [Fact]
    public void What_came_back_is_handed_out_again()
    {
        using var pool = new SocketMemory().Create();
        var first = pool.Rent(4096);
        using var second = pool.Rent(4096);
        Assert.False(first.Memory.Span.Overlaps(second.Memory.Span));
        var memory = first.Memory;
        first.Dispose();
        using var third = pool.Rent(4096);
        Assert.True(memory.Equals(third.Memory));
    }

    [Fact]
    public void A_block_is_larger_than_what_Kestrel_asks_for_and_no_more_can_be_had()
    {
        using var pool = new SocketMemory().Create();
        using var block = pool.Rent(4096);
        Assert.Equal(pool.MaxBufferSize, block.Memory.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(pool.MaxBufferSize + 1));
    }
}
