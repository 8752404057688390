namespace Paas.Cli;

public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("plain\ttext — ünïcode", "plain\ttext — ünïcode")]
    [InlineData("\e[31mred\e[0m", "\e[31mred\e[0m")]
    [InlineData("\e[38;5;196mred and left so", "\e[38;5;196mred and left so\e[0m")]
    [InlineData("\e[2J\e[Hcleared\e[1A", "cleared")]
    [InlineData("\e]0;title\u0007after", "after")]
    [InlineData("\e]8;;http://evil.example\e\\link\e]8;;\e\\", "link")]
    [InlineData("\eP1$q\"p\e\\\e[6n\e[>c\ecdone", "done")]
    [InlineData("over\rwritten\b\b\u007f", "overwritten")]
    [InlineData("\u009b2Jc1\u009d0;t\u009cx", "c1x")]
    [InlineData("\e[?25lhidden cursor\e[31 m", "hidden cursor")]
    [InlineData("cut \e[", "cut ")]
    [InlineData("cut \e", "cut ")]
    public void Colours_pass_and_nothing_else_that_a_terminal_obeys(string text, string shown) => Assert.Equal(shown, TerminalText.Of(text));
}
