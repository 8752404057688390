using Paas.Apps;

namespace Paas.Builds.Dockerfiles;

public sealed class DockerfileArgumentsTests
{
    private static readonly HostSettings Host = HostSettings.From(new Dictionary<string, string> { ["NPM_CONFIG_REGISTRY"] = "http://10.0.0.1:4873/" }, [], [], null);

    private static readonly ConfigVar[] Config =
    [
        new("SHOWN", "yes", RunOnly: false, Plain: true), new("TOKEN", "very secret", RunOnly: false, Plain: false), new("LATE", "no", RunOnly: true, Plain: true),
    ];

    [Fact]
    public void Only_plain_vars_that_the_Dockerfile_declares_become_build_arguments()
    {
        var arguments = Of("FROM a\nARG SHOWN\nARG TOKEN\nARG LATE\nARG NPM_CONFIG_REGISTRY\nARG OTHER=1");

        Assert.Equal(["NPM_CONFIG_REGISTRY=http://10.0.0.1:4873/", "SHOWN=yes"], arguments.Arguments.Select(pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal(
            "ARG TOKEN does not get the config var TOKEN: it is secret, and build arguments can be read in the image. Take it with RUN --mount=type=secret,id=TOKEN, or say that it is no secret: paas config set --plain TOKEN=...",
            Assert.Single(arguments.Notes));
        Assert.Empty(arguments.Secrets);
    }

    [Fact]
    public void A_secret_mount_gets_the_var_of_its_name_and_an_unknown_one_is_said()
    {
        var arguments = Of("FROM a\nRUN --mount=type=secret,id=TOKEN --mount=type=secret,id=SHOWN --mount=type=secret,id=LATE b");

        Assert.Equal(["SHOWN", "TOKEN"], arguments.Secrets.Keys);
        Assert.Equal("The Dockerfile asks for the secret LATE, but builds see no config var of that name. Set it with: paas config set LATE=...", Assert.Single(arguments.Notes));
    }

    [Fact]
    public void Nothing_that_was_not_asked_for_is_given()
    {
        var arguments = Of("FROM a");

        Assert.Empty(arguments.Arguments);
        Assert.Empty(arguments.Secrets);
        Assert.Empty(arguments.Notes);
    }

    private static DockerfileArguments Of(string text) => DockerfileArguments.Of(DockerfileReader.Read("Dockerfile", text, new Dictionary<string, string>()), Config, Host);
}
