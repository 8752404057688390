namespace Paas.Builds;

public sealed class HeldVerdictTests
{
    private readonly List<string> _said = [];

    [Fact]
    public void The_word_that_becomes_the_verdict_is_not_said_before()
    {
        var log = new HeldVerdict(new Log(_said));
        log.Line("installing");
        log.Line("lock_file_missing: There is no lock file.");
        log.Say(new BuildResult.Failed("lock_file_missing", "There is no lock file."));

        Assert.Equal(["installing"], _said);
    }

    [Fact]
    public void Anything_else_that_looks_like_one_is_said()
    {
        var log = new HeldVerdict(new Log(_said));
        log.Line("npm_failed: One.");
        log.Line("two");
        log.Line("npm_failed: Three.");
        log.Phase("export");
        log.Line("npm_failed: Four.");
        log.Say(new BuildResult.Failed("build_disk", "The build filled its disk."));

        Assert.Equal(["npm_failed: One.", "two", "npm_failed: Three.", "[export]", "npm_failed: Four."], _said);
    }

    private sealed class Log(List<string> said) : IBuildLog
    {
        public void Phase(string name) => said.Add($"[{name}]");

        public void Line(string text) => said.Add(text);
    }
}
