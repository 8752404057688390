namespace Paas.Buildpacks;

public sealed class BuildTests : IDisposable
{
    private readonly LifecycleBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Arguments_and_variables_name_the_same_places()
    {
        _bench.Add("paas/one", "", """
            test "$1" = "$CNB_LAYERS_DIR"; test "$2" = "$CNB_PLATFORM_DIR"; test "$3" = "$CNB_BP_PLAN_PATH"
            test "$(pwd)/x" = "$(cd "$CNB_LAYERS_DIR/../../w" && pwd)/x"; test -d "$1"; test -f "$CNB_BUILDPACK_DIR/buildpack.toml"
            """);

        var outcome = await _bench.BuildAsync("paas/one");

        Assert.Equal("paas_one", outcome.Buildpacks.Single().Buildpack.LayersName);
    }

    [Fact]
    public async Task A_failing_buildpack_is_named_with_its_exit_code_and_last_lines()
    {
        _bench.Add("good", "");
        _bench.Add("bad", "", "for i in $(seq 30); do echo line $i; done; exit 7");

        var failure = await Assert.ThrowsAsync<LifecycleFailure.BuildpackFailed>(() => _bench.BuildAsync("good bad"));

        Assert.Equal("Buildpack bad failed with exit code 7. The lines above say why.", failure.Message);
        Assert.Equal((51, "build", "bad", 7), (failure.ExitCode, failure.Phase, failure.Buildpack, failure.CommandExitCode));
        Assert.Equal(Enumerable.Range(11, 20).Select(number => $"line {number}"), failure.LastLines);
        Assert.Equal(30, _bench.Lines.Count);
    }

    [Fact]
    public async Task Later_buildpacks_see_the_environment_of_build_layers_only()
    {
        _bench.Add("first", "", """
            mkdir -p "$1/tool/bin" "$1/tool/env" "$1/tool/env.build" "$1/quiet/bin" "$1/ignored/bin"
            printf 'true' > "$1/tool/env/IS_SET"; printf ' -O2' > "$1/tool/env.build/FLAGS.append"
            printf '[types]\nbuild = true\n' > "$1/tool.toml"
            printf '[types]\nlaunch = true\n' > "$1/quiet.toml"
            printf '' > "$1/ignored.toml"
            """);
        _bench.Add("second", "", "echo \"$IS_SET|$FLAGS|$PATH\"");

        var outcome = await _bench.BuildAsync("first second");

        Assert.Equal($"true| -O2|{_bench.Dirs.Layers}/first/tool/bin:/usr/bin:/bin", _bench.Lines.Single());
        Assert.Equal(["quiet", "tool"], outcome.Buildpacks[0].Layers.Select(layer => layer.Name));
    }

    [Fact]
    public async Task What_a_provider_leaves_unmet_goes_to_the_next_one()
    {
        const string provide = "printf '[[provides]]\\nname = \"node\"\\n[[requires]]\\nname = \"node\"\\n' > \"$2\"";
        _bench.Add("first", provide, "printf '[[unmet]]\\nname = \"node\"\\n' > \"$1/build.toml\"; echo first $(grep -c node \"$3\")");
        _bench.Add("second", provide, "echo second $(grep -c node \"$3\")");
        _bench.Add("third", provide, "echo third $(grep -c node \"$3\" || true)");

        await _bench.BuildAsync("first second third");

        Assert.Equal(["first 3", "second 3", "third 0"], _bench.Lines);
    }

    [Theory]
    [InlineData("echo '[[unmet]]\nname = \"x\"' > $1/build.toml", "build.toml lists 'x' as unmet, which its plan does not contain.")]
    [InlineData("echo 'launch = true' > $1/a.toml", "a.toml: line 1, column 1: 'launch' belongs into the table [types].")]
    [InlineData("echo '[types]\nlaunch = 1' > $1/a.toml", "a.toml: line 2, column 1: 'launch' must be true or false.")]
    [InlineData("echo '[types' > $1/a.toml", "a.toml: line 1, column 7: expected ']'.")]
    [InlineData("ln -s /etc/passwd $1/a.toml", "a.toml: one/a.toml is a symbolic link or lies behind one, which is not followed here.")]
    [InlineData("mkfifo $1/a.toml", "a.toml: one/a.toml is not a regular file.")]
    [InlineData("head -c 1048577 /dev/zero > $1/a.toml", "a.toml: one/a.toml is larger than 1 MB.")]
    [InlineData("ln -s /etc $1/a; echo '[types]\nlaunch = true' > $1/a.toml", "layer a: one/a is a symbolic link or lies behind one, which is not followed here.")]
    [InlineData("echo '[types]\nlaunch = true' > $1/...toml", "...toml: '..' cannot name a layer.")]
    [InlineData("rmdir $1; ln -s /etc $1", "build.toml: one/build.toml is a symbolic link or lies behind one, which is not followed here.")]
    [InlineData("echo '[[processes]]\ntype = \"web\"\ncommand = \"run\"' > $1/launch.toml", "launch.toml: the command of process 'web' must be an array from buildpack API 0.9 on.")]
    [InlineData("echo '[[processes]]\ntype = \"web\"\ncommand = [\"run\"]\ndirect = true' > $1/launch.toml", "launch.toml: process 'web' has the key 'direct', which buildpack API 0.10 does not know: every process is direct.")]
    [InlineData("echo '[[processes]]\ntype = \"a/b\"\ncommand = [\"run\"]' > $1/launch.toml", "launch.toml: process type 'a/b' may only have letters, digits, '.', '_' and '-'.")]
    [InlineData("echo '[[processes]]\ntype = \"a\"\ncommand = [\"x\"]\ndefault = true\n[[processes]]\ntype = \"b\"\ncommand = [\"x\"]\ndefault = true' > $1/launch.toml", "launch.toml: only one process can be the default, not each of 'a' and 'b'.")]
    [InlineData("echo '[[processes]]\ntype = \"a\"\ncommand = [\"x\"]\ndefault = true\n[[processes]]\ntype = \"a\"\ncommand = [\"y\"]\ndefault = true' > $1/launch.toml", "launch.toml: only one process can be the default, not each of 'a' and 'a'.")]
    [InlineData("echo '[[processes]]\ncommand = [\"x\"]' > $1/launch.toml", "launch.toml: line 1, column 3: a process has no type.")]
    [InlineData("echo '[[labels]]\nvalue = \"x\"' > $1/launch.toml", "launch.toml: line 1, column 3: a label has no key.")]
    [InlineData("echo '[[slices]]\npaths = \"x\"' > $1/launch.toml", "launch.toml: line 2, column 1: 'paths' must be an array of strings.")]
    [InlineData("for i in $(seq 65); do echo '[[slices]]'; done > $1/launch.toml", "launch.toml: there can be 64 slices with 500 paths at most.")]
    [InlineData("echo '[[unmet]]' > $1/build.toml", "build.toml: line 1, column 3: an unmet entry has no name.")]
    [InlineData("mkdir $1/launch; echo '[types]\nlaunch = true' > $1/launch.toml", "'launch' cannot name a layer: launch.toml says how the app is started. Give the layer another name.")]
    [InlineData("mkdir $1/build; echo '[types]\nbuild = true' > $1/build.toml", "'build' cannot name a layer: build.toml says what the build left unmet. Give the layer another name.")]
    [InlineData("mkdir $1/store; echo '[types]\ncache = true' > $1/store.toml", "'store' cannot name a layer: store.toml says what the buildpack keeps for its next build. Give the layer another name.")]
    [InlineData("echo '[metadata' > $1/store.toml", "store.toml: line 1, column 10: expected ']'.")]
    [InlineData("echo '[[processes]]\ntype = \"web\"' > $1/launch.toml", "launch.toml: process 'web' has no command.")]
    public async Task What_breaks_the_spec_is_told_in_a_sentence(string build, string problem)
    {
        _bench.Add("one", "", build);

        var failure = await Assert.ThrowsAsync<LifecycleFailure.InvalidOutput>(() => _bench.BuildAsync("one"));

        Assert.EndsWith($"Buildpack one left something that cannot be used: {problem}", failure.Message, StringComparison.Ordinal);
        Assert.Equal(52, failure.ExitCode);
    }

    [Fact]
    public async Task Processes_of_older_apis_are_lines_for_bash()
    {
        _bench.Add("old", "", "printf '[[processes]]\\ntype = \"web\"\\ncommand = \"echo $X\"\\nworking-dir = \"/x\"\\n' > $1/launch.toml", api: "0.7");

        var process = (await _bench.BuildAsync("old")).Processes.Single();

        Assert.False(process.Direct);
        Assert.Null(process.WorkingDirectory);
        Assert.Equal("echo $X", process.Text);
    }

    [Theory]
    [InlineData("0.7", "command = \"a b\"", "a b|False|")]
    [InlineData("0.8", "command = \"a b\"\ndirect = true\nworking-dir = \"/x\"", "a b|True|/x")]
    [InlineData("0.8", "command = \"a\"\ndirect = false\nargs = [\"b\"]", "a b|False|")]
    [InlineData("0.9", "command = [\"a\", \"b\"]\nargs = [\"c\"]\nworking-dir = \"x\"", "a b c|True|x")]
    public async Task A_process_is_read_as_its_buildpacks_api_says(string api, string process, string expected)
    {
        _bench.Add("one", "", $"printf '[[processes]]\ntype = \"web\"\n{process.Replace("\n", "\\n", StringComparison.Ordinal)}\n' > $1/launch.toml", api: api);

        var read = (await _bench.BuildAsync("one")).Processes.Single();

        Assert.Equal(expected, $"{read.Text}|{read.Direct}|{read.WorkingDirectory}");
        Assert.Empty(_bench.Lines);
    }

    [Fact]
    public async Task An_older_api_has_no_arrays_as_commands()
    {
        _bench.Add("one", "", "printf '[[processes]]\ntype = \"web\"\ncommand = [\"a\"]\n' > $1/launch.toml", api: "0.8");

        var failure = await Assert.ThrowsAsync<LifecycleFailure.InvalidOutput>(() => _bench.BuildAsync("one"));

        Assert.EndsWith("launch.toml: line 3, column 1: 'command' must be a string.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_no_effect_is_told()
    {
        _bench.Add("one", "", "printf '[[bom]]\nname = \"x\"\n' > $1/build.toml; printf '[[processes]]\ntype = \"web\"\ncommand = \"a\"\nworking-dir = \"/x\"\ndefault = true\n[[bom]]\nname = \"x\"\n' > $1/launch.toml", api: "0.7");
        _bench.Add("two", "", "printf '[[processes]]\ntype = \"web\"\ncommand = [\"b\"]\n' > $1/launch.toml");

        await _bench.BuildAsync("one two");

        Assert.Equal(
            [
                "one writes a bom table into build.toml, which has no effect: bills of materials are files beside the layers.",
                "one gives process 'web' a working directory, which buildpack API 0.7 does not know: it is left out.",
                "one writes a bom table into launch.toml, which has no effect: bills of materials are files beside the layers.",
                "two defines the default process 'web' anew, but not as the default: none is.",
            ],
            _bench.Lines);
    }

    [Fact]
    public async Task A_search_directory_of_a_layer_may_be_a_link_within_the_layers()
    {
        _bench.Add("first", "", "mkdir -p \"$1/a/usr/bin\"; ln -s usr/bin \"$1/a/bin\"; ln -s /etc \"$1/a/lib\"; printf '[types]\nbuild = true\n' > \"$1/a.toml\"");
        _bench.Add("second", "", "echo \"$PATH|${LD_LIBRARY_PATH-}\"");

        await _bench.BuildAsync("first second");

        Assert.Equal($"{_bench.Dirs.Layers}/first/a/bin:/usr/bin:/bin|", _bench.Lines.Single());
    }

    [Fact]
    public async Task The_operators_and_the_users_variables_apply_after_the_layers()
    {
        _bench.Add("first", "", "mkdir -p \"$1/a/env\" \"$1/a/bin\"; printf layer > \"$1/a/env/X\"; printf layer > \"$1/a/env/Y\"; printf '[types]\nbuild = true\n' > \"$1/a.toml\"");
        _bench.Add("second", "", "echo \"$X $Y $Z $PATH\"");
        LifecycleBench.Write(Path.Combine(_bench.Dirs.Platform, "env/X"), "user");
        LifecycleBench.Write(Path.Combine(_bench.Dirs.Platform, "env/PATH"), "/user");
        var config = Path.Combine(_bench.Root, "config");
        LifecycleBench.Write(Path.Combine(config, "env/X.append"), "+operator");
        LifecycleBench.Write(Path.Combine(config, "env/Y"), "default");
        LifecycleBench.Write(Path.Combine(config, "env/Z"), "default");
        _bench.Dirs = _bench.Dirs with { BuildConfig = config };

        await _bench.BuildAsync("first second");

        Assert.Equal($"user+operator layer default /user:{_bench.Dirs.Layers}/first/a/bin:/usr/bin:/bin", _bench.Lines.Single());
    }

    [Fact]
    public async Task Bindings_of_the_platform_are_there_to_be_read()
    {
        LifecycleBench.Write(Path.Combine(_bench.Dirs.Platform, "bindings/certs/type"), "ca-certificates");
        _bench.Add("one", "", "cat \"$2/bindings/certs/type\" \"$CNB_PLATFORM_DIR/bindings/certs/type\"");

        await _bench.BuildAsync("one");

        Assert.Equal("ca-certificatesca-certificates", _bench.Lines.Single());
    }

    [Fact]
    public async Task The_metadata_and_the_store_of_the_last_build_are_there_without_types()
    {
        _bench.Add("one", "", """
            echo "had $(cat "$1/cached.toml" "$1/store.toml" 2> /dev/null | tr '\n' ' ')"
            mkdir -p "$1/cached"; printf '[types]\ncache = true\n' >> "$1/cached.toml"; printf '[metadata]\nn = 2\n' > "$1/store.toml"
            """);
        _bench.Previous = new PreviousBuild
        {
            Image = Oci.Digest.Of("image"u8),
            Buildpacks =
            [
                new PreviousBuildpack("one", "1", "[metadata]\nn = 1\n",
                [
                    new PreviousLayer("cached", new LayerFlags(false, false, true), "[metadata]\nsum = \"a\"\n",
                        new Oci.DiffId(Oci.Digest.Of("x"u8)), null),
                ]),
            ],
        };

        var outcome = await _bench.BuildAsync("one");

        Assert.Equal("had [metadata] sum = \"a\" [metadata] n = 1 ", _bench.Lines.Single());
        var built = outcome.Buildpacks.Single();
        Assert.Equal("[metadata]\nn = 2\n", built.Store);
        Assert.Equal("a", built.Layers.Single().Metadata.Text("sum"));
    }
}
