namespace Paas.Engine.Native;

public sealed class AmountTests
{
    [Theory]
    [InlineData(512L << 20, "512 MB")]
    [InlineData(1L << 30, "1 GB")]
    [InlineData(3L << 29, "1.5 GB")]
    [InlineData(64L << 10, "64 KB")]
    public void Bytes_read_as_people_say_them(long bytes, string text) => Assert.Equal(text, Amount.Of(bytes));

    [Fact]
    public void Times_too()
    {
        Assert.Equal("15 min", Amount.Of(TimeSpan.FromMinutes(15)));
        Assert.Equal("0.5 s", Amount.Of(TimeSpan.FromSeconds(0.5)));
    }
}
