using System.Globalization;

namespace Paas.Native;

/// <summary>What the launcher makes of layers: variables, exec.d, and the profiles of older buildpacks.</summary>
public sealed class LauncherEnvironmentTests : IDisposable
{
    private readonly LauncherBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("/cnb/process:/usr/bin:/cnb/lifecycle:/bin", "/usr/bin:/bin")]
    [InlineData(":/usr/bin:/bin:", ":/usr/bin:/bin:")]
    [InlineData("/usr/bin:/bin:/cnb/process2", "/usr/bin:/bin:/cnb/process2")]
    public void Only_the_launchers_own_directories_go_from_the_search_path(string given, string expected) =>
        Assert.Contains($"PATH={expected}", _bench.Run("env", [], [("PATH", given)]).Output.Split('\n'));

    /// <summary>The same rules as at build (BuildEnvTests), with the real binary.</summary>
    [Theory]
    [InlineData("V=new", "old", "new")]
    [InlineData("V.override=new", "old", "new")]
    [InlineData("V.override=", "old", "")]
    [InlineData("V.default=new", "old", "old")]
    [InlineData("V.default=new", "", "new")]
    [InlineData("V.default=new", null, "new")]
    [InlineData("V.append=new", "old", "oldnew")]
    [InlineData("V.append=new,V.delim=:", "old", "old:new")]
    [InlineData("V.append=new,V.delim=:", null, "new")]
    [InlineData("V.append=,V.delim=:", "old", "old:")]
    [InlineData("V.prepend=new", "old", "newold")]
    [InlineData("V.prepend=new,V.delim=[]", "old", "new[]old")]
    [InlineData("V.prepend=new,V.delim=:", "", "new")]
    [InlineData("V.prepend=,V.delim=:", "old", ":old")]
    [InlineData("V.append=b,V.prepend=a,V.delim=:", "old", "a:old:b")]
    [InlineData("V.delim=:", "old", "old")]
    [InlineData("V.unknown=new", "old", "old")]
    [InlineData("V.a.b=new", "old", "old")]
    public void Suffixes_say_how_a_value_is_put_together(string files, string? before, string expected)
    {
        foreach (var file in files.Split(','))
        {
            _bench.Write($"paas_one/a/env.launch/{file.Split('=')[0]}", file.Split('=')[1]);
        }

        var env = _bench.Run("env", [], before is null ? [] : [("V", before)]).Output.Split('\n');

        Assert.Contains($"V={expected}", env);
    }

    [Fact]
    public void Buildpacks_and_layers_apply_in_order_and_the_types_own_variables_last()
    {
        string[] places = ["paas_one/a/env", "paas_one/a/env.launch", "paas_one/a/env.launch/env", "paas_one/b/env", "paas_one/b/env.launch", "old/a/env"];
        for (var i = 0; i < places.Length; i++)
        {
            _bench.Write($"{places[i]}/V.append", $"{i}");
        }

        Assert.Contains("V=012345", _bench.Run("env").Output.Split('\n'));
    }

    [Fact]
    public void The_launchers_own_variables_do_not_reach_the_process()
    {
        var env = _bench.Run("env", [], [("CNB_PLATFORM_API", "0.15"), ("CNB_DEPRECATION_MODE", "quiet"), ("KEPT", "yes"), ("PATH", "/cnb/process:/usr/bin:/cnb/lifecycle:/bin")]).Output.Split('\n');

        Assert.Contains("KEPT=yes", env);
        Assert.Contains("PATH=/usr/bin:/bin", env);
        Assert.DoesNotContain(env, line => line.StartsWith("CNB_", StringComparison.Ordinal));
    }

    [Fact]
    public void Layers_give_search_paths_and_variables_by_the_suffix_rules()
    {
        Directory.CreateDirectory(Path.Combine(_bench.Layers, "paas_one/a/bin"));
        Directory.CreateDirectory(Path.Combine(_bench.Layers, "paas_one/b/bin"));
        Directory.CreateDirectory(Path.Combine(_bench.Layers, "old/c/lib"));
        _bench.Write("paas_one/a/env/PLAIN", "replaced");
        _bench.Write("paas_one/a/env/LIST.append", "end");
        _bench.Write("paas_one/a/env/LIST.delim", ":");
        _bench.Write("paas_one/a/env/GIVEN.default", "ignored");
        _bench.Write("paas_one/a/env/MISSING.default", "taken");
        _bench.Write("paas_one/a/env.launch/LIST.prepend", "start");
        _bench.Write("paas_one/a/env.launch/no identifier!", "also set");
        _bench.Write("paas_one/a/env.launch/env/ONLY_HERE", "type env");
        _bench.Write("paas_one/a/env.launch/web/NOT_HERE", "type web");
        _bench.Write("paas_one/a/env.build/AT_BUILD", "x");

        var env = _bench.Run("env", [], [("PLAIN", "old"), ("LIST", "middle"), ("GIVEN", "given"), ("PATH", "/usr/bin:/bin")]).Output.Split('\n');

        Assert.Contains("PLAIN=replaced", env);
        Assert.Contains("LIST=startmiddle:end", env);
        Assert.Contains("GIVEN=given", env);
        Assert.Contains("MISSING=taken", env);
        Assert.Contains("no identifier!=also set", env);
        Assert.Contains("ONLY_HERE=type env", env);
        Assert.Contains($"PATH={_bench.Layers}/paas_one/b/bin:{_bench.Layers}/paas_one/a/bin:/usr/bin:/bin", env);
        Assert.Contains($"LD_LIBRARY_PATH={_bench.Layers}/old/c/lib", env);
        Assert.DoesNotContain(env, line => line.StartsWith("NOT_HERE", StringComparison.Ordinal) || line.StartsWith("AT_BUILD", StringComparison.Ordinal));
    }

    [Fact]
    public void A_trailing_newline_of_a_value_stays()
    {
        _bench.Write("paas_one/a/env/TEXT", "two\nlines\n");

        Assert.Equal("two\nlines\n|", _bench.Run("launcher", ["--", "bash", "-c", "printf '%s|' \"$TEXT\""]).Output);
    }

    [Fact]
    public void Executables_of_exec_d_give_variables_to_the_next_one_and_to_the_process()
    {
        _bench.Script("paas_one/a/exec.d/1", """
            cat >&3 <<'end'
            # first
            FIRST = "one\u00e4\u20AC\U0001F600\n"
            "quoted key" = 'raw\n'
            end
            """);
        _bench.Script("paas_one/a/exec.d/2", "echo \"SECOND = \\\"after ${FIRST%?}\\\"\" >&3");
        _bench.Script("paas_one/a/exec.d/env/3", "pwd | sed 's/.*/THIRD = \"&\"/' >&3");

        var output = _bench.Run("env").Output;

        Assert.Contains("FIRST=oneä€😀\n\n", output, StringComparison.Ordinal);
        Assert.Contains("quoted key=raw\\n\n", output, StringComparison.Ordinal);
        Assert.Contains("SECOND=after oneä€😀\n", output, StringComparison.Ordinal);
        Assert.Contains($"THIRD={_bench.App}\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("V = \"\"\"one\ntwo\"\"\"", "one\ntwo")]
    [InlineData("V = \"\"\"\n  first \\\n   joined \"quoted\"\"\"\"", "  first joined \"quoted\"")]
    [InlineData("V = '''\nraw \\n\n'''", "raw \\n\n")]
    [InlineData("V = ''", "")]
    [InlineData("V = \"\"", "")]
    [InlineData("\n\n# why\n  V   =   'spaced' # and more\n", "spaced")]
    [InlineData("'V' = \"a\\tb\\\\c\\\"d\"", "a\tb\\c\"d")]
    public void Exec_d_may_write_strings_of_every_kind(string toml, string expected)
    {
        _bench.Script("paas_one/a/exec.d/1", $"cat >&3 <<'end'\n{toml}\nend");

        Assert.Equal($"{expected}|", _bench.Run("launcher", ["--", "bash", "-c", "printf '%s|' \"$V\""]).Output);
    }

    [Fact]
    public void Exec_d_runs_after_the_variables_of_all_layers_in_the_order_of_buildpacks_and_layers()
    {
        _bench.Write("old/a/env/SEEN", "yes");
        _bench.Script("paas_one/a/exec.d/1", "echo \"ORDER = '$SEEN a'\" >&3");
        _bench.Script("paas_one/b/exec.d/1", "echo \"ORDER = '$ORDER b'\" >&3");
        _bench.Script("old/a/exec.d/1", "echo \"ORDER = '$ORDER old'\" >&3");
        _bench.Script("old/a/exec.d/web/1", "exit 1");

        Assert.Contains("ORDER=yes a b old", _bench.Run("env").Output.Split('\n'));
    }

    [Theory]
    [InlineData("echo 'A = \"1\" B = \"2\"' >&3", "{0} must write lines of name = \"value\" to file descriptor 3")]
    [InlineData("echo '[table]' >&3", "{0} must write lines of name = \"value\" to file descriptor 3")]
    [InlineData("echo 'A = \"open' >&3", "{0} must write lines of name = \"value\" to file descriptor 3")]
    [InlineData("kill -9 $$", "{0} failed with exit code 137")]
    [InlineData("exit 3", "{0} failed with exit code 3")]
    [InlineData("echo 'NUMBER = 1' >&3", "{0} must write lines of name = \"value\" to file descriptor 3")]
    [InlineData("echo 'nonsense' >&3", "{0} must write lines of name = \"value\" to file descriptor 3")]
    public void An_exec_d_that_fails_ends_the_launch(string script, string problem)
    {
        _bench.Script("paas_one/a/exec.d/broken", script);
        var path = Path.Combine(_bench.Layers, "paas_one/a/exec.d/broken");

        Assert.Equal((82, $"ERROR: failed to launch: {string.Format(CultureInfo.InvariantCulture, problem, path)}\n"), LauncherBench.Failure(_bench.Run("web")));
    }

    [Fact]
    public void Processes_of_older_apis_run_in_bash_after_the_profiles()
    {
        _bench.Write("old/a/profile.d/1.sh", "export GREETING='from a profile'");
        _bench.Write("old/a/profile.d/shell/2.sh", "export GREETING=\"$GREETING and its type's\"");
        File.WriteAllText(Path.Combine(_bench.App, ".profile"), "export GREETING=\"$GREETING and the app's\"");

        Assert.Equal("line from a profile and its type's and the app's\nbash\n", _bench.Run("shell").Output);
    }

    [Fact]
    public void Profiles_run_in_the_apps_directory_and_the_command_in_its_own()
    {
        _bench.Write("old/a/profile.d/it's here.sh", "echo \"profile in $(pwd) of $0\"");

        var output = _bench.Run("shell-where").Output;

        Assert.Equal($"profile in {_bench.App} of {Path.Combine(_bench.Root, "process", "shell-where")}\n/usr\n\n", output);
    }

    [Fact]
    public void Profiles_are_not_for_direct_processes()
    {
        _bench.Write("paas_one/a/profile.d/1.sh", "exit 1");
        File.WriteAllText(Path.Combine(_bench.App, ".profile"), "exit 1");

        Assert.Equal(0, _bench.Run("web").ExitCode);
        Assert.Equal(1, _bench.Run("launcher", ["true"]).ExitCode);
    }

    [Fact]
    public void Arguments_of_older_apis_are_evaluated_and_a_persons_follow() =>
        Assert.Equal("hello|two words|hello there|", _bench.Run("shell-args", ["$GREETING there"], [("GREETING", "hello")]).Output);
}
