namespace Paas.Buildpacks;

public sealed class BuildpackTomlTests : IDisposable
{
    private readonly LifecycleBench _bench = new();

    public void Dispose() => _bench.Dispose();

    /// <summary>Targets as os/arch/variant and distributions; "-" is any.</summary>
    [Theory]
    [InlineData("0.10", "", "linux/-/-")]
    [InlineData("0.10", "[[targets]]\nos = \"linux\"\narch = \"arm64\"\nvariant = \"v8\"\n[[targets.distros]]\nname = \"debian\"\nversion = \"13\"", "linux/arm64/v8 debian:13")]
    [InlineData("0.10", "[[targets]]\narch-variant = \"v7\"\n[[targets]]\nos = \"windows\"", "-/-/v7, windows/-/-")]
    [InlineData("0.7", "[[stacks]]\nid = \"*\"", "-/-/-")]
    [InlineData("0.7", "[[stacks]]\nid = \"io.buildpacks.stacks.bionic\"", "linux/amd64/- ubuntu:18.04")]
    [InlineData("0.10", "[[stacks]]\nid = \"io.buildpacks.stacks.bionic\"\n[[stacks]]\nid = \"org.other\"", "linux/amd64/- ubuntu:18.04")]
    [InlineData("0.9", "[[stacks]]\nid = \"io.buildpacks.stacks.bionic\"\n[[stacks]]\nid = \"org.other\"", "linux/-/-")]
    [InlineData("0.10", "[[stacks]]\nid = \"heroku-24\"\nmixins = [\"x\"]", "linux/-/-")]
    [InlineData("0.10", "[[stacks]]\nid = \"*\"\n[[targets]]\nos = \"linux\"\narch = \"amd64\"", "linux/amd64/-")]
    public void Targets_are_read_or_mapped_from_the_older_stacks(string api, string more, string expected) =>
        Assert.Equal(expected, string.Join(", ", _bench.Add("a", "", api: api, more: more).Targets.Select(Describe)));

    [Theory]
    [InlineData("0.12", "exec-env = [\"production\", \"test\"]", "production test")]
    [InlineData("0.12", "[[buildpack.exec-env]]\nname = \"test\"", "test")]
    [InlineData("0.11", "exec-env = [\"test\"]", "")]
    [InlineData("0.12", "", "")]
    public void Execution_environments_count_from_api_0_12_on(string api, string more, string expected) =>
        Assert.Equal(expected, string.Join(' ', _bench.Add("a", "", api: api, more: more).ExecEnv));

    [Fact]
    public void Formats_of_bills_of_materials_are_media_types_without_their_parameters() =>
        Assert.Equal(["application/vnd.cyclonedx+json"], _bench.Add("a", "", more: "sbom-formats = [\"application/vnd.cyclonedx+json; version=1.4\"]").SbomFormats);

    [Theory]
    [InlineData("bin/build", "it has no bin/build")]
    [InlineData("bin/detect", "it has no bin/detect")]
    public void A_missing_executable_is_told(string missing, string problem)
    {
        var directory = _bench.Add("a", "").Directory;
        File.Delete(Path.Combine(directory, missing));

        Assert.Equal($"Buildpack {directory}/buildpack.toml cannot be used: {problem}.", Refused(directory).Message);
    }

    [Fact]
    public void A_file_that_is_not_executable_is_told()
    {
        var directory = _bench.Add("a", "").Directory;
        File.SetUnixFileMode(Path.Combine(directory, "bin/build"), UnixFileMode.UserRead);

        Assert.Equal($"Buildpack {directory}/buildpack.toml cannot be used: its bin/build is not executable.", Refused(directory).Message);
    }

    [Fact]
    public void A_composite_needs_no_executables()
    {
        var directory = Path.Combine(_bench.Root, "composite");
        LifecycleBench.Write(Path.Combine(directory, "buildpack.toml"), "api = \"0.10\"\n[buildpack]\nid = \"all\"\nversion = \"1\"\n[[order]]\n[[order.group]]\nid = \"a\"\n");

        var buildpack = Buildpack.Read(directory, "/all");

        Assert.Equal("a", buildpack.Order!.Groups.Single().Entries.Single().Id);
        Assert.Empty(buildpack.Targets);
    }

    [Fact]
    public void An_image_extension_is_refused()
    {
        var directory = Path.Combine(_bench.Root, "extension");
        LifecycleBench.Write(Path.Combine(directory, "extension.toml"), "api = \"0.10\"\n[extension]\nid = \"x\"\nversion = \"1\"\n");

        Assert.Equal($"Buildpack {directory} cannot be used: it is an image extension (extension.toml), which this platform does not run.", Refused(directory).Message);
    }

    [Theory]
    [InlineData("api = ", "line 1, column 7: expected a value")]
    [InlineData("api = \"0.10\"", "it has no [buildpack] table")]
    [InlineData("api = \"0.10\"\n[buildpack]\nversion = \"1\"", "it has no id")]
    [InlineData("api = \"0.10\"\n[buildpack]\nid = \"a\"", "it has no version")]
    [InlineData("api = \"0.10\"\n[buildpack]\nid = \"config\"\nversion = \"1\"", "'config' is not a buildpack id")]
    [InlineData("api = \"0.10\"\n[buildpack]\nid = \"a b\"\nversion = \"1\"", "'a b' is not a buildpack id")]
    [InlineData("api = \"0.10\"\n[buildpack]\nid = 1\nversion = \"1\"", "line 3, column 1: 'id' must be a string")]
    public void What_is_no_buildpack_toml_is_told(string toml, string problem)
    {
        var directory = _bench.Add("a", "").Directory;
        LifecycleBench.Write(Path.Combine(directory, "buildpack.toml"), toml);

        Assert.Equal($"Buildpack {directory}/buildpack.toml cannot be used: {problem}.", Refused(directory).Message);
    }

    private static LifecycleFailure.InvalidBuildpack Refused(string directory) =>
        Assert.Throws<LifecycleFailure.InvalidBuildpack>(() => Buildpack.Read(directory, "/a"));

    private static string Describe(BuildpackTarget target) =>
        $"{target.Os ?? "-"}/{target.Architecture ?? "-"}/{target.Variant ?? "-"} {string.Join(' ', target.Distributions.Select(distribution => $"{distribution.Name}:{distribution.Version}"))}".TrimEnd();
}
