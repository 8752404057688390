namespace Paas.Git;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("plain name.txt", "plain name.txt")]
    [InlineData("a\nb\tc\rd", "a\\nb\\tc\\rd")]
    [InlineData("\u001b]0;title\u0007", "\\x1b]0;title\\x07")]
    [InlineData("\u009b2J", "\\u009b2J")]
    [InlineData("exe\u202egpj", "exe\\u202egpj")]
    [InlineData("a\\nb", "a\\\\nb")]
    [InlineData("größe 👩‍💻", "größe 👩‍💻")]
    public void Control_characters_are_escaped(string text, string shown) => Assert.Equal(shown, Printable.Show(text));

    [Fact]
    public void Long_text_is_cut() => Assert.Equal(203, Printable.Show(new string('x', 5000)).Length);
}
