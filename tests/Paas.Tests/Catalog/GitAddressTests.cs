namespace Paas.Catalog;

public sealed class GitAddressTests
{
    [Theory]
    [InlineData("https://example.com/team/pack", "https://example.com/team/pack", null, "")]
    [InlineData("https://example.com/team/pack.git#main", "https://example.com/team/pack.git", "main", "")]
    [InlineData("https://example.com/team/pack#main:buildpacks/hello", "https://example.com/team/pack", "main", "buildpacks/hello")]
    [InlineData("https://example.com/team/pack#:buildpacks/hello/", "https://example.com/team/pack", null, "buildpacks/hello")]
    [InlineData("https://example.com/team/pack@v1.2", "https://example.com/team/pack", "v1.2", "")]
    [InlineData("http://git.lan:3000/pack", "http://git.lan:3000/pack", null, "")]
    public void A_url_may_name_branch_and_folder(string text, string url, string? branch, string folder)
    {
        var address = GitAddress.Parse(text);
        Assert.Equal((url, branch, folder, null), (address.Url.ToString(), address.Ref, address.Folder, address.Authorization));
    }

    [Fact]
    public void Credentials_are_used_and_never_shown()
    {
        var address = GitAddress.Parse("https://me:s3cret@example.com/team/pack#main");
        Assert.Equal("Basic bWU6czNjcmV0", address.Authorization);
        Assert.Equal("https://example.com/team/pack#main", address.ToString());
        Assert.DoesNotContain("s3cret", address.Url.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc", "Buildpacks are fetched over https:// or http://, not file://. For files of your own machine name the folder itself: paas buildpacks add DIR")]
    [InlineData("ssh://git@example.com/pack", "Buildpacks are fetched over https:// or http://, not ssh://. For files of your own machine name the folder itself: paas buildpacks add DIR")]
    [InlineData("ext://sh", "Buildpacks are fetched over https:// or http://, not ext://. For files of your own machine name the folder itself: paas buildpacks add DIR")]
    [InlineData("https://example.com/pack#--upload-pack=x", "'--upload-pack=x' is not a branch, tag or commit that git accepts.")]
    [InlineData("https://example.com/pack#a..b", "'a..b' is not a branch, tag or commit that git accepts.")]
    [InlineData("https://example.com/pack#main:../x", "'../x' is not a folder of the repository.")]
    [InlineData("https://example.com/pack?x=1", "The URL of a git repository has no '?'.")]
    [InlineData("https://exa mple.com/pack", "'https://exa mple.com/pack' is not the URL of a git repository: write https://host/path, with #branch behind it where it is not the default branch.")]
    public void What_is_no_address_of_a_repository_is_refused(string text, string sentence)
    {
        var refused = Assert.Throws<BuildpackRefusedException>(() => GitAddress.Parse(text));
        Assert.Equal(("buildpack_source_invalid", sentence), (refused.Code, refused.Message));
    }
}
