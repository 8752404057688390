namespace Paas.Dashboard.Controls;

public sealed class SayTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "just now")]
    [InlineData(-5, "just now")]
    [InlineData(42, "42 s ago")]
    [InlineData(240, "4 min ago")]
    [InlineData(3 * 3600, "3 h ago")]
    [InlineData(2 * 86400, "2 d ago")]
    [InlineData(40 * 86400, "12 Oct 2026")]
    public void Times_are_relative(int seconds, string words) => Assert.Equal(words, Say.Ago(Now - TimeSpan.FromSeconds(seconds), Now));

    [Theory]
    [InlineData(0.44, "0.4 s")]
    [InlineData(1.4, "1.4 s")]
    [InlineData(42, "42 s")]
    [InlineData(123, "2 min 3 s")]
    [InlineData(3900, "1 h 5 min")]
    [InlineData(266400, "3 d 2 h")]
    public void Durations_name_their_units(double seconds, string words) => Assert.Equal(words, Say.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(512L, "512 bytes")]
    [InlineData(3482L, "3.4 KB")]
    [InlineData(87031808L, "83.0 MB")]
    [InlineData(1288490189L, "1.2 GB")]
    public void Sizes_have_one_decimal(long bytes, string words) => Assert.Equal(words, Say.Bytes(bytes));

    [Fact]
    public void A_digest_is_shown_by_twelve_characters() => Assert.Equal("34a5020f85be", Say.Digest("sha256:34a5020f85be9d2c"));

    [Fact]
    public void States_differ_by_shape_and_word_not_by_colour_alone()
    {
        string[] states = ["live", "deploying", "degraded", "down", "sleeping", "empty"];
        var words = states.Select(StateWord.Of).ToList();
        Assert.Equal(states.Length, words.Select(word => (word.Shape, word.Drawing)).Distinct().Count());
        Assert.Equal(states.Length, words.Select(word => word.Text).Distinct().Count());
    }
}
