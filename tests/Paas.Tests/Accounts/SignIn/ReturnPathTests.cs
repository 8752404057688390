namespace Paas.Accounts.SignIn;

public sealed class ReturnPathTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/apps/hello")]
    [InlineData("/apps/hello/logs?type=web#end")]
    [InlineData("/signing")]
    public void A_path_of_the_platform_is_kept(string path) => Assert.Equal(path, ReturnPath.Of(path));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("apps")]
    [InlineData("//evil.example")]
    [InlineData("///evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\n/evil.example")]
    [InlineData("\\/evil.example")]
    [InlineData("/a\\b")]
    [InlineData("https://evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData(" /apps")]
    [InlineData("/signin?return=/signin")]
    [InlineData("/SignOut")]
    [InlineData("/api/v1/apps")]
    public void Anything_else_leads_home(string? path) => Assert.Equal("/", ReturnPath.Of(path));

    [Fact]
    public void Endless_paths_lead_home() => Assert.Equal("/", ReturnPath.Of("/" + new string('a', 5000)));
}
