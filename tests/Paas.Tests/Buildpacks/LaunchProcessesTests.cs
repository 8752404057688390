namespace Paas.Buildpacks;

public sealed class LaunchProcessesTests
{
    /// <summary>Buildpacks parted by '|', each with its processes as type=command, "*" marks the default.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("web=a worker=b", "web=a worker=b")]
    [InlineData("worker=b web=a*", "web=a* worker=b")]
    [InlineData("web=a | web=b", "web=b")]
    [InlineData("web=a* | web=b", "web=b")]
    [InlineData("web=a* | worker=b*", "web=a worker=b*")]
    [InlineData("web=a* | worker=b", "web=a* worker=b")]
    [InlineData("web=a* | web=b | worker=c*", "web=b worker=c*")]
    [InlineData("web=a | web=b*", "web=b*")]
    public void A_later_buildpack_wins_per_type_and_the_last_default_wins(string buildpacks, string expected)
    {
        var processes = new LaunchProcesses();
        foreach (var buildpack in buildpacks.Split('|'))
        {
            processes.Add(buildpack.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Read));
        }

        Assert.Equal(expected, string.Join(' ', processes.ToList().Select(process => $"{process.Type}={process.Text}{(process.Default ? "*" : "")}")));
    }

    [Fact]
    public void A_shell_line_is_shown_as_it_was_typed() =>
        Assert.Equal("node server.js --port $PORT", (Read("web=x") with { Command = ["bash", "-c", "node server.js --port $PORT"] }).Text);

    private static LaunchProcess Read(string text) => new()
    {
        Type = text.Split('=')[0],
        Command = [text.Split('=')[1].TrimEnd('*')],
        Default = text.EndsWith('*'),
        BuildpackId = "test",
    };
}
