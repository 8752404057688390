namespace Paas.Cli;

public sealed class AppRemotesTests
{
    private static readonly Uri Platform = new("http://localhost:8080");

    [Fact]
    public void Remote_named_paas_wins()
    {
        var remotes = GitFolder.ParseRemotes("remote.origin.url\nhttp://localhost:8080/git/other.git\0remote.paas.url\nhttp://localhost:8080/git/shop.git\0");
        Assert.Equal("shop", AppRemotes.AppOf(remotes, Platform));
        Assert.Equal("other", AppRemotes.AppOf([remotes[0]], Platform));
    }

    [Theory]
    [InlineData("https://localhost:8080/git/shop.git")]
    [InlineData("http://localhost/git/shop.git")]
    [InlineData("git@localhost:shop.git")]
    [InlineData("http://localhost:8080/shop.git")]
    public void Other_places_are_no_apps(string url)
    {
        Assert.Null(AppRemotes.AppOf(url, Platform));
        Assert.Equal(2, Assert.Throws<CliError>(() => AppRemotes.AppOf([new Remote("paas", url)], Platform)).ExitCode);
    }
}
