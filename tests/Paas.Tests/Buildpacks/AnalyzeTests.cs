using Paas.Oci;

namespace Paas.Buildpacks;

public sealed class AnalyzeTests
{
    [Fact]
    public void The_build_image_names_the_user_and_the_run_image_the_target()
    {
        var analysis = Lifecycle.Analyze(
            Image(["PATH=/bin", "CNB_USER_ID=1001", "CNB_GROUP_ID=1000", "WITH=a=b"], []),
            Image([], new() { ["io.buildpacks.base.distro.name"] = "debian", ["io.buildpacks.base.distro.version"] = "13" }),
            null);

        Assert.Equal((1001, 1000), (analysis.Uid, analysis.Gid));
        Assert.Equal("a=b", analysis.BaseEnv["WITH"]);
        Assert.Equal(new Target("linux", "arm64", null, "debian", "13"), analysis.Target);
    }

    [Theory]
    [InlineData("CNB_USER_ID=1001", "CNB_GROUP_ID")]
    [InlineData("CNB_GROUP_ID=1000", "CNB_USER_ID")]
    [InlineData("CNB_USER_ID=0", "CNB_USER_ID")]
    [InlineData("CNB_USER_ID=cnb", "CNB_USER_ID")]
    public void A_build_image_whose_user_is_unknown_or_root_is_refused(string variable, string named)
    {
        var exception = Assert.Throws<InvalidDataException>(() => Lifecycle.Analyze(Image([variable], []), Image([], []), null));

        Assert.Equal($"The build image must set {named} to the id of a user that is not root.", exception.Message);
    }

    private static Image Image(IReadOnlyList<string> env, Dictionary<string, string> labels) => new(
        Digest.Of("image"u8),
        new Manifest { Config = new Descriptor { MediaType = MediaTypes.Config, Digest = Digest.Of("config"u8), Size = 1 }, Layers = [] },
        new ImageConfig
        {
            Architecture = "arm64",
            Os = "linux",
            RootFs = new RootFs { DiffIds = [] },
            Config = new RunConfig { Env = env, Labels = labels },
        });
}
