namespace Paas.Builds.Dockerfiles;

public sealed class DockerfileFaultsTests
{
    private static readonly Dockerfile One = DockerfileReader.Read("Dockerfile", "FROM a\nCOPY b c\nRUN false", new Dictionary<string, string>());

    private static readonly Dockerfile Two = DockerfileReader.Read("Dockerfile", "FROM a AS build\nRUN false\nFROM b", new Dictionary<string, string>());

    [Theory]
    [InlineData("STEP 3/3: RUN false", "Error: building at STEP \"RUN false\": while running runtime: exit status 1", "Step 3 of the Dockerfile failed: RUN false ended with exit code 1.")]
    [InlineData("STEP 3/3: RUN a", "Error: building at STEP \"RUN a\": exit status 127", "Step 3 of the Dockerfile failed: RUN a ended with exit code 127.")]
    [InlineData("STEP 2/3: COPY b c", "Error: building at STEP \"COPY b c\": checking on sources: no such file or directory", "Step 2 of the Dockerfile failed: COPY b c: checking on sources: no such file or directory.")]
    [InlineData("STEP 3/3: RUN a", null, "Step 3 of the Dockerfile failed: RUN a ended with exit code 9.")]
    [InlineData("nothing", "Error: it broke", "The Dockerfile could not be built: it broke.")]
    [InlineData("nothing", null, "The Dockerfile could not be built: buildah ended with exit code 9. See the lines above.")]
    public void A_step_that_fails_is_named_with_its_number(string line, string? lastWord, string sentence)
    {
        var failed = DockerfileFaults.Of(One, DockerfileStep.Parse(line), lastWord, 9, new BuildObservations(new BuildsOptions()));

        Assert.Equal("dockerfile_step_failed", failed.Code);
        Assert.Equal(sentence, failed.Sentence);
    }

    [Fact]
    public void A_step_of_a_stage_is_named_with_the_stage() =>
        Assert.Equal(
            "Step 2 of stage 1 ('build') of the Dockerfile failed: RUN false ended with exit code 1.",
            DockerfileFaults.Of(Two, DockerfileStep.Parse("[1/2] STEP 2/2: RUN false"), "Error: building at STEP \"RUN false\": exit status 1", 1, new BuildObservations(new BuildsOptions())).Sentence);

    [Fact]
    public void A_limit_explains_more_than_the_step() =>
        Assert.Equal("build_disk", DockerfileFaults.Of(One, DockerfileStep.Parse("STEP 3/3: RUN a"), null, 1, new BuildObservations(new BuildsOptions()) { OutOfDisk = true }).Code);

    [Fact]
    public void A_long_step_is_cut() =>
        Assert.EndsWith(" ... ended with exit code 2.", DockerfileFaults.Of(One, new DockerfileStep(1, 3, new string('x', 500)), "Error: exit status 2", 1, new BuildObservations(new BuildsOptions())).Sentence, StringComparison.Ordinal);
}
