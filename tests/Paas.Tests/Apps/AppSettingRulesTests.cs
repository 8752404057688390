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

    [Theory]
    [InlineData("docker")]
    [InlineData("Dockerfile")]
    [InlineData("")]
    public void A_builder_that_there_is_not_is_refused_with_those_that_there_are(string builder) =>
        Assert.Equal(
            $"'{builder}' is no builder: give auto, dockerfile or buildpacks.",
            Assert.Throws<UserError>(() => AppSettingRules.Apply(Hello, new UpdateApp { Builder = builder })).Message);

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../Dockerfile")]
    [InlineData("docker/../../Dockerfile")]
    [InlineData("docker//web")]
    [InlineData("docker/")]
    [InlineData(".")]
    [InlineData("a\nb")]
    public void A_Dockerfile_outside_of_the_repository_is_refused(string path)
    {
        var error = Assert.Throws<UserError>(() => AppSettingRules.Apply(Hello, new UpdateApp { Dockerfile = path }));
        Assert.Equal("setting_invalid", error.Code);
        Assert.EndsWith(" is no path of a Dockerfile in the repository: give one like 'docker/web.Dockerfile'; '' goes back to 'Dockerfile'.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("./docker/web", "docker/web")]
    [InlineData("Containerfile", "Containerfile")]
    [InlineData("", null)]
    public void A_Dockerfile_is_named_from_the_top_of_the_repository(string path, string? kept) =>
        Assert.Equal(kept, AppSettingRules.Apply(Hello, new UpdateApp { Dockerfile = path }).Dockerfile);

    [Fact]
    public void A_buildpack_that_is_named_twice_is_refused() =>
        Assert.Equal(
            "The buildpack paas/node is named twice: a build runs each once.",
            Assert.Throws<UserError>(() => AppSettingRules.Apply(Hello, new UpdateApp { Buildpacks = ["paas/node", "paas/go", "paas/node@1"] })).Message);
}
