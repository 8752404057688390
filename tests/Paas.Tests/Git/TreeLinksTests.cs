namespace Paas.Git;

public sealed class TreeLinksTests
{
    [Theory]
    [InlineData("a=b")]
    [InlineData("d/a=../b")]
    [InlineData("a=d/../b", "d=x/y")]
    [InlineData("a=a")]
    [InlineData("a=b", "b=a")]
    [InlineData("a=./././")]
    [InlineData("a=nowhere/../..//", "nowhere=x/y/z")]
    public void Links_that_stay_are_fine(params string[] links) => Assert.Null(First(links));

    [Theory]
    [InlineData("a=/")]
    [InlineData("a=..")]
    [InlineData("d/a=../../b")]
    [InlineData("a=nowhere/../..")]
    // Read as text this is "d1"; followed, it is the parent of the tree.
    [InlineData("a=d1/d2/s/../..", "d1/d2/s=../../top")]
    [InlineData("a=b/c", "b=d", "d/c=../..")]
    public void Links_that_leave_are_found(params string[] links) => Assert.NotNull(First(links));

    private static string? First(string[] links) =>
        TreeLinks.FirstThatLeaves(links.Select(link => link.Split('=')).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal));
}
