namespace Paas.Builds;

public sealed class SemanticVersionTests
{
    /// <summary>Semantic Versioning 2.0.0, section 11, its own example in the middle.</summary>
    [Fact]
    public void Versions_are_in_the_order_of_the_specification()
    {
        string[] inOrder = ["0.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.2", "1.10.0"];
        Assert.Equal(inOrder, inOrder.Reverse().OrderBy(Parse));

        static SemanticVersion Parse(string text) => SemanticVersion.TryParse(text, out var version) ? version : throw new FormatException(text);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("latest")]
    [InlineData("1.2.3.4")]
    [InlineData("1.x")]
    public void What_has_no_such_version_is_not_parsed(string text) => Assert.False(SemanticVersion.TryParse(text, out _));
}
