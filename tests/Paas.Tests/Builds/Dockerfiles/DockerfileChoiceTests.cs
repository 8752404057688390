using Paas.Apps;

namespace Paas.Builds.Dockerfiles;

public sealed class DockerfileChoiceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Setting, path, buildpacks of the settings, files of the repository, the Dockerfile that builds it or "-".</summary>
    [Theory]
    [InlineData("auto", null, "", "Dockerfile", "Dockerfile")]
    [InlineData("auto", null, "", "package.json", "-")]
    [InlineData("auto", null, "paas/node", "Dockerfile", "-")]
    [InlineData("auto", null, "", "Dockerfile project.toml:group", "-")]
    [InlineData("auto", null, "", "Dockerfile project.toml:env", "Dockerfile")]
    [InlineData("auto", null, "", "Dockerfile project.toml:broken", "-")]
    [InlineData("auto", "docker/web", "", "docker/web", "docker/web")]
    [InlineData("dockerfile", null, "paas/node", "Dockerfile project.toml:group", "Dockerfile")]
    [InlineData("buildpacks", null, "", "Dockerfile", "-")]
    [InlineData("buildpacks", "docker/web", "", "docker/web", "-")]
    public void Settings_come_before_files(string builder, string? path, string buildpacks, string files, string expected) =>
        Assert.Equal(expected, DockerfileChoice.Of(App(builder, path, buildpacks), Source(files))?.Path ?? "-");

    [Theory]
    [InlineData("dockerfile", null)]
    [InlineData("dockerfile", "docker/web")]
    [InlineData("auto", "docker/web")]
    public void A_chosen_Dockerfile_that_is_not_there_is_missed(string builder, string? path)
    {
        var failure = Assert.Throws<BuildFailureException>(() => DockerfileChoice.Of(App(builder, path, ""), Source("other")));

        Assert.Equal("dockerfile_missing", failure.Code);
        Assert.Equal(
            $"The app is set to be built by {path ?? "Dockerfile"}, but the repository has no such file. Add it, name another with 'paas apps set --dockerfile PATH', or go back with 'paas apps set --builder auto'.",
            failure.Message);
    }

    [Fact]
    public void A_link_is_no_Dockerfile()
    {
        var source = Source("other");
        File.CreateSymbolicLink(Path.Combine(source.Directory, "Dockerfile"), "/etc/passwd");

        Assert.Equal("Dockerfile is no plain file of the repository.", Assert.Throws<BuildFailureException>(() => DockerfileChoice.Of(App("auto", null, ""), source)).Message);
    }

    private static App App(string builder, string? path, string buildpacks) =>
        new() { Id = 1, TeamId = 1, Name = "hello", CreatedAt = DateTimeOffset.UnixEpoch, Builder = builder, Dockerfile = path, Buildpacks = buildpacks };

    private Source Source(string files)
    {
        foreach (var item in files.Split(' '))
        {
            var (name, content) = item.Split(':') is [var file, var kind] ? (file, kind) : (item, "");
            var path = Path.Combine(_folder.Path, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, content switch
            {
                "group" => "[_]\nschema-version = \"0.2\"\n[[io.buildpacks.group]]\nid = \"paas/node\"\n",
                "env" => "[_]\nschema-version = \"0.2\"\n[[io.buildpacks.build.env]]\nname = \"A\"\nvalue = \"b\"\n",
                "broken" => "[[[",
                _ => "FROM scratch\n",
            });
        }

        return new Source(_folder.Path, new string('a', 40), "main", "test");
    }
}
