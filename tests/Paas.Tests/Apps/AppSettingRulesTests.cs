using Paas.Client;
using Paas.State;

namespace Paas.Apps;

public sealed class AppSettingRulesTests
{
    private static readonly App Hello = new() { Id = 1, TeamId = 1, Name = "hello", HealthPath = "/up", CreatedAt = DateTimeOffset.UnixEpoch };

    [Fact]
    public void Nothing_given_changes_nothing() => Assert.Equal(Hello, AppSettingRules.Apply(Hello, new UpdateApp()));

    [Fact]
    public void An_empty_health_path_goes_back_to_a_TCP_check() => Assert.Null(AppSettingRules.Apply(Hello, new UpdateApp { HealthPath = "" }).HealthPath);

    [Theory]
    [InlineData(0)]
    [InlineData(601)]
    public void A_health_timeout_out_of_range_is_refused_with_the_range(int seconds)
    {
        var error = Assert.Throws<UserError>(() => AppSettingRules.Apply(Hello, new UpdateApp { HealthTimeout = seconds }));
        Assert.Equal($"The health timeout is 1 to 600 seconds, not {seconds}.", error.Message);
    }

    [Theory]
    [InlineData("up")]
    [InlineData("/a b")]
    [InlineData("/a\r\nHost: x")]
    public void A_bad_health_path_is_refused(string path) =>
        Assert.Equal("setting_invalid", Assert.Throws<UserError>(() => AppSettingRules.Apply(Hello, new UpdateApp { HealthPath = path })).Code);

    [Theory]
    [InlineData("-x")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a.lock")]
    [InlineData("/a")]
    [InlineData("")]
    [InlineData("HEAD")]
    public void A_branch_that_git_would_refuse_is_refused(string branch) =>
        Assert.Equal("setting_invalid", Assert.Throws<UserError>(() => AppSettingRules.Apply(Hello, new UpdateApp { DeployBranch = branch })).Code);
}
