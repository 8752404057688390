namespace Paas.Registry;

public sealed class RobotPatternTests
{
    [Theory]
    [InlineData("hello", "hello", true)]
    [InlineData("hello", "hello/worker", false)]
    [InlineData("hello", "hell", false)]
    [InlineData("hello*", "hello", true)]
    [InlineData("hello/*", "hello/worker", true)]
    [InlineData("hello/*", "hello/a/b", true)]
    [InlineData("hello/*", "hello", false)]
    [InlineData("*", "anything/at/all", true)]
    [InlineData("*/base", "team/base", true)]
    [InlineData("*/base", "team/base/x", false)]
    [InlineData("ci-*-x*", "ci-1-x", true)]
    [InlineData("a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public void A_star_stands_for_any_characters(string pattern, string name, bool matches) => Assert.Equal(matches, RobotPattern.Matches(pattern, name));

    [Theory]
    [InlineData("hello", true)]
    [InlineData("team/*", true)]
    [InlineData("*", true)]
    [InlineData("Hello", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a b", false)]
    [InlineData("a//b", false)]
    [InlineData("../a", false)]
    [InlineData("a?", false)]
    public void A_pattern_has_the_letters_of_names(string? pattern, bool good) => Assert.Equal(good, RobotPattern.IsGood(pattern));
}
