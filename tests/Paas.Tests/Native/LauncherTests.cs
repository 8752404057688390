using System.Diagnostics;

namespace Paas.Native;

/// <summary>The real binary, built from src/native, on a layers directory of its own.</summary>
public sealed class LauncherTests : IDisposable
{
    private const string Metadata = """
        [[buildpacks]]
        id = "paas/one"
        version = "1"
        api = "0.10"

        [[buildpacks]]
        id = "old"
        version = "1"
        api = "0.8"

        [[processes]]
        type = "web"
        command = ["printf", "%s\\n"]
        args = ["default one", "$HOME"]
        direct = true
        buildpack-id = "paas/one"

        [[processes]]
        type = "env"
        command = ["env"]
        args = []
        direct = true
        buildpack-id = "paas/one"

        [[processes]]
        type = "where"
        command = ["pwd"]
        direct = true
        buildpack-id = "paas/one"
        working-dir = "/usr"

        [[processes]]
        type = "staging"
        command = ["true"]
        direct = true
        buildpack-id = "paas/one"
        exec-env = ["staging", "test"]

        [[processes]]
        type = "shell"
        command = "echo \"line $GREETING\" && echo $0"
        direct = false
        buildpack-id = "old"

        [[processes]]
        type = "shell-args"
        command = "printf"
        args = ["%s|", "$GREETING", "two words"]
        direct = false
        buildpack-id = "old"

        [[processes]]
        type = "pid"
        command = ["bash", "-c", "echo $$ $PPID"]
        direct = true
        buildpack-id = "paas/one"

        [[processes]]
        type = "missing"
        command = ["no-such-program"]
        direct = true
        buildpack-id = "paas/one"
        """;

    private static readonly Lazy<string> Binary = new(FindBinary);

    private readonly string _root = Directory.CreateTempSubdirectory("paas-launcher-").FullName;

    public LauncherTests()
    {
        Directory.CreateDirectory(App);
        Directory.CreateDirectory(Path.Combine(_root, "process"));
        Write("config/metadata.toml", Metadata);
    }

    private string Layers => Path.Combine(_root, "layers");

    private string App => Path.Combine(_root, "app");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Is_small() => Assert.InRange(new FileInfo(Binary.Value).Length, 1, 100 * 1024);

    [Fact]
    public void Runs_the_process_it_is_called_by_without_a_shell() =>
        Assert.Equal("default one\n$HOME\n", Run("web").Output);

    [Fact]
    public void A_persons_arguments_replace_the_processs_own() =>
        Assert.Equal("mine\nand mine\n", Run("web", ["mine", "and mine"]).Output);

    [Fact]
    public void Arguments_after_two_dashes_are_run_as_they_stand() =>
        Assert.Equal("$HOME\n", Run("launcher", ["--", "echo", "$HOME"]).Output);

    [Fact]
    public void A_line_is_run_by_bash() =>
        Assert.Equal("out of bash\n", Run("launcher", ["echo out of $(basename $BASH)"]).Output);

    [Fact]
    public void Nothing_to_run_is_told() =>
        Assert.Equal((82, "ERROR: failed to launch: when there is no default process a command is required\n"), Failure(Run("launcher")));

    [Fact]
    public void A_process_type_that_the_image_does_not_have_is_told_with_those_it_has() =>
        Assert.Equal(
            (82, "ERROR: failed to launch: this image has no process type 'cron'; it has: web, env, where, staging, shell, shell-args, pid, missing\n"),
            Failure(Run("cron")));

    [Fact]
    public void A_command_that_is_not_there_is_told() =>
        Assert.Equal((82, "ERROR: failed to launch: cannot run 'no-such-program': no such command in this image\n"), Failure(Run("missing")));

    [Fact]
    public void Absent_metadata_is_told()
    {
        File.Delete(Path.Combine(Layers, "config/metadata.toml"));

        Assert.Equal((11, $"ERROR: failed to launch: cannot read {Layers}/config/metadata.toml: No such file or directory\n"), Failure(Run("web")));
    }

    [Theory]
    [InlineData("[[processes]]\ntype = \"web")]
    [InlineData("[[processes]]\ntype")]
    [InlineData("[[processes]]\ncommand = [\"a\", ")]
    [InlineData("[[processes]]\ncommand = [\"\\q\"]")]
    public void Damaged_metadata_is_told(string text)
    {
        Write("config/metadata.toml", text);

        Assert.Equal((11, $"ERROR: failed to launch: {Layers}/config/metadata.toml is damaged\n"), Failure(Run("web")));
    }

    [Fact]
    public void Starts_in_the_processs_working_directory_or_in_the_apps()
    {
        Assert.Equal("/usr\n", Run("where").Output);
        Assert.Equal($"{App}\n", Run("launcher", ["--", "pwd"]).Output);
    }

    [Theory]
    [InlineData(null, 82)]
    [InlineData("production", 82)]
    [InlineData("test", 0)]
    public void A_process_for_another_execution_environment_is_not_started(string? execEnv, int exitCode) =>
        Assert.Equal(exitCode, Run("staging", [], execEnv is null ? [] : [("CNB_EXEC_ENV", execEnv)]).ExitCode);

    [Fact]
    public void The_launchers_own_variables_do_not_reach_the_process()
    {
        var env = Run("env", [], [("CNB_PLATFORM_API", "0.15"), ("CNB_DEPRECATION_MODE", "quiet"), ("KEPT", "yes"), ("PATH", "/cnb/process:/usr/bin:/cnb/lifecycle:/bin")]).Output.Split('\n');

        Assert.Contains("KEPT=yes", env);
        Assert.Contains("PATH=/usr/bin:/bin", env);
        Assert.DoesNotContain(env, line => line.StartsWith("CNB_", StringComparison.Ordinal));
    }

    [Fact]
    public void Layers_give_search_paths_and_variables_by_the_suffix_rules()
    {
        Directory.CreateDirectory(Path.Combine(Layers, "paas_one/a/bin"));
        Directory.CreateDirectory(Path.Combine(Layers, "paas_one/b/bin"));
        Directory.CreateDirectory(Path.Combine(Layers, "old/c/lib"));
        Write("paas_one/a/env/PLAIN", "replaced");
        Write("paas_one/a/env/LIST.append", "end");
        Write("paas_one/a/env/LIST.delim", ":");
        Write("paas_one/a/env/GIVEN.default", "ignored");
        Write("paas_one/a/env/MISSING.default", "taken");
        Write("paas_one/a/env.launch/LIST.prepend", "start");
        Write("paas_one/a/env.launch/no identifier!", "also set");
        Write("paas_one/a/env.launch/env/ONLY_HERE", "type env");
        Write("paas_one/a/env.launch/web/NOT_HERE", "type web");
        Write("paas_one/a/env.build/AT_BUILD", "x");

        var env = Run("env", [], [("PLAIN", "old"), ("LIST", "middle"), ("GIVEN", "given"), ("PATH", "/usr/bin:/bin")]).Output.Split('\n');

        Assert.Contains("PLAIN=replaced", env);
        Assert.Contains("LIST=startmiddle:end", env);
        Assert.Contains("GIVEN=given", env);
        Assert.Contains("MISSING=taken", env);
        Assert.Contains("no identifier!=also set", env);
        Assert.Contains("ONLY_HERE=type env", env);
        Assert.Contains($"PATH={Layers}/paas_one/b/bin:{Layers}/paas_one/a/bin:/usr/bin:/bin", env);
        Assert.Contains($"LD_LIBRARY_PATH={Layers}/old/c/lib", env);
        Assert.DoesNotContain(env, line => line.StartsWith("NOT_HERE", StringComparison.Ordinal) || line.StartsWith("AT_BUILD", StringComparison.Ordinal));
    }

    [Fact]
    public void A_trailing_newline_of_a_value_stays()
    {
        Write("paas_one/a/env/TEXT", "two\nlines\n");

        Assert.Equal("two\nlines\n|", Run("launcher", ["--", "bash", "-c", "printf '%s|' \"$TEXT\""]).Output);
    }

    [Fact]
    public void Executables_of_exec_d_give_variables_to_the_next_one_and_to_the_process()
    {
        Script("paas_one/a/exec.d/1", """
            cat >&3 <<'end'
            # first
            FIRST = "one\u00e4\u20AC\U0001F600\n"
            "quoted key" = 'raw\n'
            end
            """);
        Script("paas_one/a/exec.d/2", "echo \"SECOND = \\\"after ${FIRST%?}\\\"\" >&3");
        Script("paas_one/a/exec.d/env/3", "pwd | sed 's/.*/THIRD = \"&\"/' >&3");

        var output = Run("env").Output;

        Assert.Contains("FIRST=oneä€😀\n\n", output, StringComparison.Ordinal);
        Assert.Contains("quoted key=raw\\n\n", output, StringComparison.Ordinal);
        Assert.Contains("SECOND=after oneä€😀\n", output, StringComparison.Ordinal);
        Assert.Contains($"THIRD={App}\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 3", "{0} failed with exit code 3")]
    [InlineData("echo 'NUMBER = 1' >&3", "{0} must write lines of name = \"value\" to file descriptor 3")]
    [InlineData("echo 'nonsense' >&3", "{0} must write lines of name = \"value\" to file descriptor 3")]
    public void An_exec_d_that_fails_ends_the_launch(string script, string problem)
    {
        Script("paas_one/a/exec.d/broken", script);
        var path = Path.Combine(Layers, "paas_one/a/exec.d/broken");

        Assert.Equal((82, $"ERROR: failed to launch: {string.Format(System.Globalization.CultureInfo.InvariantCulture, problem, path)}\n"), Failure(Run("web")));
    }

    [Fact]
    public void Processes_of_older_apis_run_in_bash_after_the_profiles()
    {
        Write("old/a/profile.d/1.sh", "export GREETING='from a profile'");
        Write("old/a/profile.d/shell/2.sh", "export GREETING=\"$GREETING and its type's\"");
        File.WriteAllText(Path.Combine(App, ".profile"), "export GREETING=\"$GREETING and the app's\"");

        Assert.Equal("line from a profile and its type's and the app's\nbash\n", Run("shell").Output);
    }

    [Fact]
    public void Arguments_of_older_apis_are_evaluated_and_a_persons_follow() =>
        Assert.Equal("hello|two words|hello there|", Run("shell-args", ["$GREETING there"], [("GREETING", "hello")]).Output);

    [Fact]
    public void The_process_takes_the_launchers_place()
    {
        var (_, output, _, pid) = Run("pid");

        Assert.Equal($"{pid} {Environment.ProcessId}\n", output);
    }

    private static (int ExitCode, string Error) Failure((int ExitCode, string Output, string Error, int Pid) run) => (run.ExitCode, run.Error);

    private (int ExitCode, string Output, string Error, int Pid) Run(string type, string[]? args = null, (string Name, string Value)[]? env = null)
    {
        // Called by the name of a link, as in an image.
        var link = Path.Combine(_root, "process", type);
        if (!File.Exists(link))
        {
            File.CreateSymbolicLink(link, Binary.Value);
        }

        var start = new ProcessStartInfo(link, args ?? []) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin";
        start.Environment["CNB_LAYERS_DIR"] = Layers;
        start.Environment["CNB_APP_DIR"] = App;
        foreach (var (name, value) in env ?? [])
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error, process.Id);
    }

    private void Write(string path, string contents)
    {
        path = Path.Combine(Layers, path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, contents);
    }

    private void Script(string path, string body)
    {
        Write(path, $"#!/bin/bash\n{body}\n");
        File.SetUnixFileMode(Path.Combine(Layers, path), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string FindBinary()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Paas.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run from within the repository.");
        }

        var native = Path.Combine(directory.FullName, "src/native");
        using var make = Process.Start(new ProcessStartInfo("make", ["-s", "-C", native, "out/launcher"]))!;
        make.WaitForExit();
        Assert.Equal(0, make.ExitCode);
        return Path.Combine(native, "out/launcher");
    }
}
