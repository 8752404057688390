using Paas.Testing;

namespace Paas.Deploys;

public sealed class DeployLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("paas-log-").FullName;
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly List<string> _terminal = [];
    private readonly List<string> _phases = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_terminal_shows_titles_times_and_one_verdict()
    {
        using var log = Open();
        log.Phase("prepare");
        log.Phase("build");
        log.Line("Node 24");
        _time.Advance(TimeSpan.FromSeconds(1.2));
        log.Phase("route");
        log.Verdict("v1 is live.", well: true);

        Assert.Equal(["-----> Building", "       Node 24", "       done in 1.2 s", "", "v1 is live."], _terminal);
        Assert.Equal(["prepare", "build", "route"], _phases);
    }

    [Fact]
    public void A_phase_that_failed_is_not_said_to_be_done()
    {
        using var log = Open();
        log.Phase("build");
        _time.Advance(TimeSpan.FromSeconds(3));
        log.Verdict("It failed.", well: false);

        Assert.Equal(["-----> Building", "", "It failed."], _terminal);
    }

    [Fact]
    public void A_quiet_phase_is_titled_when_something_is_said_in_it()
    {
        using var log = Open();
        log.Phase("restore");
        log.Line("Layer x is made anew.");

        Assert.Equal(["-----> Restoring cached layers", "       Layer x is made anew."], _terminal);
    }

    [Fact]
    public void Empty_lines_do_not_pile_up()
    {
        using var log = Open();
        log.Phase("build");
        foreach (var line in (string[])["", "", "one", "", "", "two"])
        {
            log.Line(line);
        }

        Assert.Equal(["-----> Building", "       one", "", "       two"], _terminal);
    }

    [Fact]
    public void A_build_that_prints_without_end_is_cut_and_still_gets_its_verdict()
    {
        using var log = Open();
        log.Phase("build");
        var line = new string('x', 8000);
        for (var count = 0; count < 4000; count++)
        {
            log.Line(line);
        }

        log.Verdict("It failed.", well: false);

        Assert.Equal("It failed.", _terminal[^1]);
        Assert.Contains("left out", _terminal[^3], StringComparison.Ordinal);
        Assert.True(new FileInfo(Path.Combine(_folder, "1.jsonl")).Length < 20 << 20);
    }

    private DeployLog Open() => new(Path.Combine(_folder, "1.jsonl"), text => text, _terminal.Add, _phases.Add, _time);
}
