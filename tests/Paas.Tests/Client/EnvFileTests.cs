namespace Paas.Client;

public sealed class EnvFileTests
{
    [Fact]
    public void Quotes_comments_exports_and_lines_are_read()
    {
        var vars = EnvFile.Parse("# top\nA=1\r\nexport B = two words # said\nC='as $is # it'\nD=\"a\\n\\\"b\\\"\nsecond\" # end\nE=\nF=http://x/#y\n", ".env");
        Assert.Equal(["A=1", "B=two words", "C=as $is # it", "D=a\n\"b\"\nsecond", "E=", "F=http://x/#y"], vars.Select(item => $"{item.Key}={item.Value}"));
    }

    [Theory]
    [InlineData("A=1\nnonsense", "Line 2 of .env: it is not NAME=VALUE. Nothing was set.")]
    [InlineData("A='open", "Line 1 of .env: the ' is not closed on this line. Nothing was set.")]
    [InlineData("\nA=\"open\nB=2", "Line 2 of .env: the \" that begins here is not closed. Nothing was set.")]
    [InlineData("A=\"x\"y", "Line 1 of .env: there is something behind the closing quote. Nothing was set.")]
    public void Fault_names_its_line(string text, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<EnvFileException>(() => EnvFile.Parse(text, ".env")).Message);
}
