using Paas.Oci;

namespace Paas.Registry;

public sealed class TokenScopesTests
{
    [Theory]
    [InlineData("repository:a/b:pull,push", "repository:a/b:pull,push")]
    [InlineData("repository:a/b:push,pull", "repository:a/b:pull,push")]
    [InlineData("repository:a/b:*", "repository:a/b:pull,push,delete")]
    [InlineData("repository:a:pull repository:a:pull,push", "repository:a:pull,push")]
    [InlineData("repository:a:pull repository:b:push", "repository:a:pull repository:b:push")]
    [InlineData("repository(plugin):a:pull", "repository:a:pull")]
    [InlineData("registry:catalog:*", "")]
    [InlineData("aws:thing:read repository:a:pull", "repository:a:pull")]
    [InlineData("repository:a:fly", "")]
    [InlineData("repository:a:fly,pull", "repository:a:pull")]
    [InlineData("repository:A/../b:pull", "")]
    [InlineData("repository:host:5000/a:pull", "")]
    [InlineData("repository:a", "")]
    [InlineData("repository::pull", "")]
    [InlineData("repository:", "")]
    [InlineData(":::", "")]
    [InlineData("", "")]
    [InlineData("  ", "")]
    public void Scopes_are_read_as_clients_write_them(string text, string expected) =>
        Assert.Equal(expected, TokenScopes.Parse([text]).Within(_ => RegistryRights.All).ToString());

    [Fact]
    public void Several_parameters_are_one_list() =>
        Assert.Equal("repository:a:pull,push repository:b:pull", TokenScopes.Parse(["repository:a:pull", "repository:b:pull", "repository:a:push", null]).ToString());

    [Fact]
    public void What_is_not_allowed_is_left_out() =>
        Assert.Equal("repository:a:pull", TokenScopes.Parse(["repository:a:pull,push,delete repository:b:pull"]).Within(name => name == RepositoryName.Parse("a") ? RegistryRights.Pull : RegistryRights.None).ToString());

    [Fact]
    public void A_thousand_scopes_are_not_all_looked_at() =>
        Assert.Equal(100, TokenScopes.Parse([string.Join(' ', Enumerable.Range(0, 1000).Select(number => $"repository:a{number}:pull"))]).Items.Count);
}
