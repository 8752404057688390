using System.Diagnostics;

namespace Paas.Native;

/// <summary>Which process the launcher becomes, and what it says when there is none.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly LauncherBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Is_small() => Assert.InRange(new FileInfo(LauncherBench.Binary).Length, 1, 100 * 1024);

    [Fact]
    public void Runs_the_process_it_is_called_by_without_a_shell() =>
        Assert.Equal("default one\n$HOME\n", _bench.Run("web").Output);

    [Fact]
    public void A_persons_arguments_replace_the_processs_own() =>
        Assert.Equal("mine\nand mine\n", _bench.Run("web", ["mine", "and mine"]).Output);

    [Fact]
    public void Arguments_after_two_dashes_are_run_as_they_stand() =>
        Assert.Equal("$HOME\n", _bench.Run("launcher", ["--", "echo", "$HOME"]).Output);

    [Fact]
    public void A_line_is_run_by_bash() =>
        Assert.Equal("out of bash\n", _bench.Run("launcher", ["echo out of $(basename $BASH)"]).Output);

    [Fact]
    public void Nothing_to_run_is_told() =>
        Assert.Equal((82, "ERROR: failed to launch: when there is no default process a command is required\n"), LauncherBench.Failure(_bench.Run("launcher")));

    [Fact]
    public void A_process_type_that_the_image_does_not_have_is_told_with_those_it_has() =>
        Assert.Equal(
            (82, "ERROR: failed to launch: this image has no process type 'cron'; it has: web, env, where, staging, shell, shell-args, pid, words, with.period, anywhere, twice, twice, shell-where, wait, shell-wait, missing\n"),
            LauncherBench.Failure(_bench.Run("cron")));

    [Fact]
    public void A_command_that_is_not_there_is_told() =>
        Assert.Equal((82, "ERROR: failed to launch: cannot run 'no-such-program': no such command in this image\n"), LauncherBench.Failure(_bench.Run("missing")));

    [Theory]
    [InlineData("words", "", "always|may be replaced|")]
    [InlineData("words", "mine", "always|mine|")]
    [InlineData("with.period", "", "period\n")]
    [InlineData("shell-args", "", "hello|two words|")]
    [InlineData("shell-args", "more,$GREETING", "hello|two words|more|hello|")]
    [InlineData("unknown", "--,echo,$GREETING", "$GREETING\n")]
    [InlineData("unknown", "echo $GREETING", "hello\n")]
    [InlineData("launcher", "printf,%s-,a b,$GREETING", "a b-hello-")]
    [InlineData("launcher", "echo,1,2,3,4,5,6,7,8,9,10,11", "1 2 3 4 5 6 7 8 9 10 11\n")]
    public void Name_and_arguments_say_what_is_run(string name, string args, string output) =>
        Assert.Equal(output, _bench.Run(name, args.Split(',', StringSplitOptions.RemoveEmptyEntries), [("GREETING", "hello")]).Output);

    [Fact]
    public void The_older_variable_for_the_process_type_is_told_to_have_no_effect()
    {
        var (exitCode, _, error, _) = _bench.Run("launcher", [], [("CNB_PROCESS_TYPE", "web")]);

        Assert.Equal(
            (82, "Warning: CNB_PROCESS_TYPE is not part of platform API 0.15; start /cnb/process/web instead\nERROR: failed to launch: when there is no default process a command is required\n"),
            (exitCode, error));
        Assert.Equal("", _bench.Run("web", [], [("CNB_PROCESS_TYPE", "")]).Error);
    }

    [Theory]
    [InlineData("wait")]
    [InlineData("shell-wait")]
    public void Signals_reach_the_process_itself(string type)
    {
        using var process = Process.Start(_bench.StartInfo(type))!;
        Assert.Equal("ready", process.StandardOutput.ReadLine());

        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        kill.WaitForExit();
        var rest = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.Equal((7, "ended by TERM\n"), (process.ExitCode, rest));
    }

    [Fact]
    public void Absent_metadata_is_told()
    {
        File.Delete(Path.Combine(_bench.Layers, "config/metadata.toml"));

        Assert.Equal((11, $"ERROR: failed to launch: cannot read {_bench.Layers}/config/metadata.toml: No such file or directory\n"), LauncherBench.Failure(_bench.Run("web")));
    }

    [Theory]
    [InlineData("[[processes]]\ntype = \"web")]
    [InlineData("[[processes]]\ntype")]
    [InlineData("[[processes]]\ncommand = [\"a\", ")]
    [InlineData("[[processes]]\ncommand = [\"\\q\"]")]
    public void Damaged_metadata_is_told(string text)
    {
        _bench.Write("config/metadata.toml", text);

        Assert.Equal((11, $"ERROR: failed to launch: {_bench.Layers}/config/metadata.toml is damaged\n"), LauncherBench.Failure(_bench.Run("web")));
    }

    [Fact]
    public void Starts_in_the_processs_working_directory_or_in_the_apps()
    {
        Assert.Equal("/usr\n", _bench.Run("where").Output);
        Assert.Equal($"{_bench.App}\n", _bench.Run("launcher", ["--", "pwd"]).Output);
    }

    [Theory]
    [InlineData(null, 82)]
    [InlineData("production", 82)]
    [InlineData("", 82)]
    [InlineData("test", 0)]
    public void A_process_for_another_execution_environment_is_not_started(string? execEnv, int exitCode) =>
        Assert.Equal(exitCode, _bench.Run("staging", [], execEnv is null ? [] : [("CNB_EXEC_ENV", execEnv)]).ExitCode);

    [Fact]
    public void One_type_may_have_a_process_for_each_execution_environment()
    {
        Assert.Equal("in production\n", _bench.Run("twice").Output);
        Assert.Equal("in test\n", _bench.Run("twice", [], [("CNB_EXEC_ENV", "test")]).Output);
        Assert.Equal(0, _bench.Run("anywhere", [], [("CNB_EXEC_ENV", "test")]).ExitCode);
        Assert.Equal((82, "ERROR: failed to launch: process type 'twice' is not for this execution environment\n"), LauncherBench.Failure(_bench.Run("twice", [], [("CNB_EXEC_ENV", "development")])));
    }

    [Fact]
    public void The_process_takes_the_launchers_place()
    {
        var (_, output, _, pid) = _bench.Run("pid");

        Assert.Equal($"{pid} {Environment.ProcessId}\n", output);
    }
}
