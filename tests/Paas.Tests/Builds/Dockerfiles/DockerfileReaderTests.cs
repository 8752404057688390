namespace Paas.Builds.Dockerfiles;

public sealed class DockerfileReaderTests
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>A Dockerfile, and the images that it stands on: "as written" or "as written=filled in".</summary>
    public static TheoryData<string, string> Images { get; } = new()
    {
        { "FROM debian:13", "debian:13" },
        { "from debian:13", "debian:13" },
        { "  FROM  debian:13  ", "debian:13" },
        { "\uFEFFFROM debian", "debian" },
        { "FROM debian\r\nRUN a\r\n", "debian" },
        { "FROM scratch\nCOPY a /a", "" },
        { "# a comment\n\nFROM debian", "debian" },
        { "# syntax=docker/dockerfile:1\nFROM debian", "debian" },
        { "# escape=`\nFROM `\ndebian", "debian" },
        { "FROM \\\n  debian:13 \\\n  AS build", "debian:13" },
        { "FROM \\\n# between\n\n  debian", "debian" },
        { "FROM --platform=$BUILDPLATFORM debian", "debian" },
        { "FROM --platform=linux debian", "debian" },
        { "FROM registry.example.com:5000/a/b@sha256:" + Hex, "registry.example.com:5000/a/b@sha256:" + Hex },
        { "FROM debian AS a\nFROM a", "debian" },
        { "FROM debian AS Build\nFROM build", "debian" },
        { "FROM debian AS a\nFROM alpine\nCOPY --from=a /x /x", "debian alpine" },
        { "FROM debian AS a\nFROM alpine\nCOPY --from=0 /x /x", "debian alpine" },
        { "FROM debian AS unused\nFROM alpine", "alpine" },
        { "FROM debian AS a\nFROM a AS b\nFROM b AS c\nFROM c", "debian" },
        { "FROM debian AS debian\nFROM debian", "debian" },
        { "FROM alpine\nCOPY --from=tools:1 /x /x", "alpine tools:1" },
        { "FROM alpine\nCOPY --chown=1:1 --from=tools:1 --link /x /x", "alpine tools:1" },
        { "FROM alpine\nADD --from=tools:1 /x /x", "alpine tools:1" },
        { "FROM alpine\nCOPY x --from=tools:1 /x", "alpine" },
        { "FROM alpine\nRUN --mount=type=bind,from=tools:2,target=/t ls", "alpine tools:2" },
        { "FROM alpine\nRUN --mount=type=cache,target=/c --mount=from=tools:2,target=/t ls", "alpine tools:2" },
        { "FROM alpine AS a\nFROM alpine\nRUN --mount=from=a,target=/t ls", "alpine" },
        { "FROM alpine\nRUN echo --mount=from=no,target=/t", "alpine" },
        { "FROM alpine\nRUN <<EOF\nFROM no\nEOF\nCOPY --from=yes /a /a", "alpine yes" },
        { "FROM alpine\nRUN <<-EOF\n\tFROM no\n\tEOF\nCOPY --from=yes /a /a", "alpine yes" },
        { "FROM alpine\nCOPY <<\"A\" <<B /x/\nFROM no\nA\nFROM no\nB\nCOPY --from=yes /a /a", "alpine yes" },
        { "FROM alpine\nRUN cat <<< word\nCOPY --from=yes /a /a", "alpine yes" },
        { "ARG V=13\nFROM debian:${V}", "debian:${V}=debian:13" },
        { "ARG V=13\nFROM debian:$V", "debian:$V=debian:13" },
        { "ARG V=\"1 3\"\nFROM debian", "debian" },
        { "ARG A=1 B=2\nFROM debian:${A}${B}", "debian:${A}${B}=debian:12" },
        { "ARG A=1\nARG B=${A}3\nFROM debian:$B", "debian:$B=debian:13" },
        { "ARG V\nFROM debian:${V:-12}", "debian:${V:-12}=debian:12" },
        { "ARG V=13\nFROM debian:${V:+v}", "debian:${V:+v}=debian:v" },
        { "ARG V=\nFROM debian:${V-12}x", "debian:${V-12}x=debian:x" },
        { "ARG V\nFROM debian:${V:-${W:-9}}", "debian:${V:-${W:-9}}=debian:9" },
        { "FROM debian:${TARGETOS}", "debian:${TARGETOS}=debian:linux" },
        { "FROM \"debian\"", "\"debian\"=debian" },
        { "ARG V=13\nFROM debian\nARG V=14\nFROM debian:$V", "debian:$V=debian:13" },
    };

    /// <summary>What is wrong, with its line.</summary>
    public static TheoryData<string, string> Faults { get; } = new()
    {
        { "", "Dockerfile has no FROM: its first instruction says which image the app is built on, or 'FROM scratch'." },
        { "# nothing", "Dockerfile has no FROM: its first instruction says which image the app is built on, or 'FROM scratch'." },
        { "FROM", "Line 1 of Dockerfile cannot be understood: FROM needs something after it. Mend it and push again." },
        { "RUN a\nFROM b", "Line 1 of Dockerfile cannot be understood: RUN stands before the first FROM, where only ARG may stand. Mend it and push again." },
        { "FROM a\n\nRUNN b", "Line 3 of Dockerfile cannot be understood: 'RUNN' is no instruction. Mend it and push again." },
        { "FROM a\nRUN b \\\n c\nFORM d", "Line 4 of Dockerfile cannot be understood: 'FORM' is no instruction. Mend it and push again." },
        { "FROM a b c", "Line 1 of Dockerfile cannot be understood: FROM is written 'FROM image' or 'FROM image AS name'. Mend it and push again." },
        { "FROM a AS 1x", "Line 1 of Dockerfile cannot be understood: '1x' cannot be the name of a stage: a letter, then letters, digits, '_', '.' and '-'. Mend it and push again." },
        { "ARG V\nFROM $V", "Line 2 of Dockerfile cannot be understood: FROM $V names no image: give the ARG a value before it, or set a config var of that name. Mend it and push again." },
        { "FROM ${V", "Line 1 of Dockerfile cannot be understood: a ${ is not closed. Mend it and push again." },
        { "FROM --cpu=1 a", "Line 1 of Dockerfile cannot be understood: FROM has no flag --cpu. Mend it and push again." },
        { "FROM a\nRUN <<EOF\nb", "Line 2 of Dockerfile cannot be understood: the text that begins with <<EOF has no end: a line with EOF alone. Mend it and push again." },
        { "FROM a\nCOPY --from=1 b c", "Line 2 of Dockerfile cannot be understood: there is no stage 1 before this one, which is stage 0. Mend it and push again." },
        { "# escape=x\nFROM a", "Line 1 of Dockerfile cannot be understood: the directive escape is '\\' or '`'. Mend it and push again." },
        { "ARG 1=2\nFROM a", "Line 1 of Dockerfile cannot be understood: ARG is written 'ARG NAME' or 'ARG NAME=value'. Mend it and push again." },
    };

    private static string Hex => new('a', 64);

    [Theory]
    [MemberData(nameof(Images))]
    public void The_images_that_the_last_stage_stands_on_are_found(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', DockerfileReader.Read("Dockerfile", text, None).Images.Select(image => image.Written == image.Reference ? image.Written : $"{image.Written}={image.Reference}")));

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_cannot_be_understood_is_said_with_its_line(string text, string sentence)
    {
        var failure = Assert.Throws<BuildFailureException>(() => DockerfileReader.Read("Dockerfile", text, None));

        Assert.Equal("dockerfile_invalid", failure.Code);
        Assert.Equal(sentence, failure.Message);
    }

    [Fact]
    public void Another_platform_than_the_servers_is_refused()
    {
        var failure = Assert.Throws<BuildFailureException>(() => DockerfileReader.Read("Dockerfile", "FROM --platform=linux/s390x a", None));

        Assert.Equal($"Line 1 of Dockerfile cannot be understood: it wants an image for linux/s390x, but this server builds and runs linux/{Oci.Images.Architecture}. Mend it and push again.", failure.Message);
    }

    [Fact]
    public void A_given_argument_wins_over_the_files_own_value_where_the_file_declares_it()
    {
        var given = new Dictionary<string, string> { ["V"] = "14", ["W"] = "x" };

        Assert.Equal("debian:14", DockerfileReader.Read("Dockerfile", "ARG V=13\nFROM debian:$V", given).Images[0].Reference);
        Assert.Equal("debian:", DockerfileReader.Read("Dockerfile", "FROM debian:$W", given).Images[0].Reference);
    }

    [Fact]
    public void Arguments_and_secrets_that_are_asked_for_are_known()
    {
        var dockerfile = DockerfileReader.Read(
            "Dockerfile", "ARG A=1\nFROM a\nARG B C=2\nRUN --mount=type=secret,id=TOKEN,required=true --mount=type=cache,id=no,target=/c cat\nRUN --mount=type=secret,target=/x/KEY a", None);

        Assert.Equal(["A", "B", "C"], dockerfile.Arguments.Order());
        Assert.Equal(["KEY", "TOKEN"], dockerfile.Secrets.Order());
    }

    [Fact]
    public void A_stage_is_called_by_number_and_name_where_there_are_several()
    {
        Assert.Equal("", DockerfileReader.Read("Dockerfile", "FROM a AS b", None).StageWords(1));
        var two = DockerfileReader.Read("Dockerfile", "FROM a AS b\nFROM c", None);
        Assert.Equal(" of stage 1 ('b')", two.StageWords(1));
        Assert.Equal(" of stage 2", two.StageWords(2));
        Assert.Equal("", two.StageWords(3));
    }
}
