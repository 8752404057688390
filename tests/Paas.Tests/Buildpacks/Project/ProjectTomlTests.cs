namespace Paas.Buildpacks.Project;

public sealed class ProjectTomlTests
{
    private static readonly Order BuiltIn = OrderOf("node procfile?", "static");

    [Fact]
    public void Schema_0_2_says_filter_buildpacks_and_variables()
    {
        var project = ProjectToml.Parse("""
            [_]
            schema-version = "0.2"
            id = "shop"
            [_.metadata]
            team = "sales"

            [io.buildpacks]
            builder = "example/builder:24"
            exclude = ["spec/", "*.md"]

            [[io.buildpacks.group]]
            id = "paas/node"
            version = "1.2"
            [[io.buildpacks.group]]
            uri = "./buildpacks/mine"
            [[io.buildpacks.group]]
            id = "shop/after"
              [io.buildpacks.group.script]
              api = "0.10"
              inline = "echo done"
            [[io.buildpacks.pre.group]]
            id = "shop/before"
            [[io.buildpacks.post.group]]
            uri = "urn:cnb:registry:shop/last@3"

            [[io.buildpacks.build.env]]
            name = "JAVA_OPTS"
            value = "-Xmx1g"
            """);

        Assert.Equal("example/builder:24", project.Builder);
        Assert.Equal(["paas/node@1.2", "./buildpacks/mine", "shop/after"], project.Group.Select(buildpack => buildpack.ToString()));
        Assert.Equal(new ProjectScript(new BuildpackApi(0, 10), "echo done", "/bin/sh"), project.Group[2].Script);
        Assert.Equal(["shop/before", "shop/last@3"], [.. project.Pre.Concat(project.Post).Select(buildpack => buildpack.ToString())]);
        Assert.Equal(("line 11, column 3"), project.Group[0].Position.ToString());
        Assert.Equal("-Xmx1g", project.BuildEnv["JAVA_OPTS"]);
        Assert.False(project.Filter!.Keeps("spec/a.rb"));
        Assert.True(project.Filter.Keeps("lib/a.rb"));
        Assert.Empty(project.Warnings);
    }

    [Fact]
    public void The_older_table_says_the_same()
    {
        var project = ProjectToml.Parse("""
            [project]
            id = "shop"

            [build]
            include = ["src/"]
            [[build.buildpacks]]
            uri = "bash-script-buildpack/"
            [[build.env]]
            name = "A"
            value = ""
            """);

        Assert.Equal("bash-script-buildpack/", project.Group.Single().Uri);
        Assert.Equal("", project.BuildEnv["A"]);
        Assert.True(project.Filter!.Keeps("src/a"));
        Assert.False(project.Filter.Keeps("a"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[_]\nschema-version = \"0.2\"")]
    [InlineData("[project]\nname = \"x\"\n[com.example]\nown = true")]
    public void One_without_a_word_on_the_build_changes_nothing(string toml)
    {
        var project = ProjectToml.Parse(toml);

        Assert.Empty(project.Buildpacks);
        Assert.Null(project.Filter);
        Assert.Same(BuiltIn.Groups[0].Entries[0], project.Combine(BuiltIn, Find).Groups[0].Entries[0]);
    }

    [Fact]
    public void Schema_0_3_drops_what_is_for_another_execution_environment()
    {
        var project = ProjectToml.Parse("""
            [_]
            schema-version = "0.3"
            [[io.buildpacks.group]]
            id = "a"
            exec-env = ["test"]
            [[io.buildpacks.group]]
            id = "b"
            exec-env = ["production", "test"]
            [[io.buildpacks.group]]
            id = "c"
            exec-env = ["*"]
            [[io.buildpacks.build.env]]
            name = "X"
            value = "1"
            exec-env = ["development"]
            """);

        Assert.Equal(["b", "c"], project.Group.Select(buildpack => buildpack.Id));
        Assert.Empty(project.BuildEnv);
    }

    [Fact]
    public void What_is_lenient_or_unknown_is_read_with_a_warning()
    {
        var project = ProjectToml.Parse("[io.buildpacks]\nbuidler = \"x\"\n[[io.buildpacks.env.build]]\nname = \"A\"\nvalue = \"1\"");

        Assert.Equal("1", project.BuildEnv["A"]);
        Assert.Equal(
            [
                "project.toml, line 1, column 2: [io.buildpacks] is read although [_] does not say schema-version = \"0.2\".",
                "project.toml, line 2, column 1: 'buidler' is not known here and has no effect.",
            ],
            project.Warnings);
    }

    [Theory]
    [InlineData("a = ", "line 1, column 5: expected a value.")]
    [InlineData("[_]\nschema-version = \"0.9\"", "line 2, column 1: schema version 0.9 is not known here; write \"0.2\".")]
    [InlineData("[_]\nschema-version = 2", "line 2, column 1: 'schema-version' must be a string.")]
    [InlineData("[build]\ninclude = [\"a\"]\nexclude = [\"b\"]", "line 3, column 1: include and exclude cannot both be given.")]
    [InlineData("[build]\n  include = \"a\"", "line 2, column 3: 'include' must be an array of strings.")]
    [InlineData("[[build.buildpacks]]\nversion = \"1\"", "line 1, column 3: a buildpack needs an id or a uri.")]
    [InlineData("[[build.buildpacks]]\nuri = \"a\"\nversion = \"1\"", "line 3, column 1: a buildpack cannot have both a uri and a version.")]
    [InlineData("[[build.buildpacks]]\nuri = \"a\"\nscript = { api = \"0.10\", inline = \"x\" }", "line 3, column 1: a buildpack cannot have both a uri and a script.")]
    [InlineData("[[build.buildpacks]]\nscript = { api = \"0.10\", inline = \"x\" }", "line 2, column 1: a buildpack made of a script needs an id.")]
    [InlineData("[[build.buildpacks]]\nid = \"../x y\"\nscript = { api = \"0.10\", inline = \"x\" }", "line 2, column 1: '../x y' is not a buildpack id.")]
    [InlineData("[[build.buildpacks]]\nid = \"a\"\nscript = { inline = \"x\" }", "line 3, column 10: the script needs the buildpack API it was written for, such as api = \"0.10\".")]
    [InlineData("[[build.buildpacks]]\nid = \"a\"\nscript = { api = \"0.5\", inline = \"x\" }", "line 3, column 12: buildpack API 0.5 is not spoken here: 0.7 to 0.12.")]
    [InlineData("[[build.buildpacks]]\nid = \"a\"\nscript = { api = \"0.10\" }", "line 3, column 10: the script has no inline text.")]
    [InlineData("[[build.env]]\nvalue = \"x\"", "line 1, column 3: a variable needs a name.")]
    [InlineData("[[build.env]]\nname = \"../x\"\nvalue = \"x\"", "line 2, column 1: '../x' cannot name a variable.")]
    [InlineData("[[build.env]]\nname = \"X\"", "line 1, column 3: the variable X has no value.")]
    public void A_fault_is_told_with_line_and_column(string toml, string sentence) =>
        Assert.Equal($"project.toml, {sentence}", Assert.Throws<FormatException>(() => ProjectToml.Parse(toml)).Message);

    [Theory]
    [InlineData("", "node procfile? | static")]
    [InlineData("[[build.buildpacks]]\nid = \"a\"\n[[build.buildpacks]]\nid = \"b\"\nversion = \"2\"", "a b@2")]
    [InlineData("[[build.pre.group]]\nid = \"a\"\n[[build.pre.group]]\nid = \"b\"\n[[build.post.group]]\nid = \"c\"", "a b node procfile? c | a b static c")]
    [InlineData("[[build.pre.group]]\nid = \"p\"\n[[build.buildpacks]]\nid = \"a\"", "p a")]
    [InlineData("[[build.buildpacks]]\nid = \"a\"\n[[build.buildpacks]]\nuri = \"from=builder\"\n[[build.buildpacks]]\nid = \"z\"", "a node procfile? z | a static z")]
    [InlineData("[[build.buildpacks]]\nuri = \"from=builder:static\"", "static")]
    public void Its_buildpacks_are_combined_with_the_built_in_order(string toml, string expected)
    {
        var order = ProjectToml.Parse(toml).Combine(BuiltIn, Find);

        Assert.Equal(expected, string.Join(" | ", order.Groups.Select(group => string.Join(' ', group.Entries.Select(entry =>
            $"{entry.Id}{(entry.Version is null ? "" : $"@{entry.Version}")}{(entry.Optional ? "?" : "")}")))));
    }

    [Fact]
    public void A_script_becomes_a_buildpack_that_always_takes_part()
    {
        using var root = new LifecycleBench();
        var wanted = ProjectToml.Parse("[[build.buildpacks]]\nid = \"me/mine\"\nscript = { api = \"0.9\", shell = \"/bin/bash\", inline = \"echo hello\" }").Group.Single();
        var directory = Path.Combine(root.Root, "script");

        var buildpack = ScriptBuildpack.Write(wanted, directory, "/cnb/mine");

        Assert.Equal(("me/mine", "0.0.0", "/cnb/mine"), (buildpack.Id, buildpack.Version, buildpack.Inside));
        Assert.Equal("#!/bin/bash\n\necho hello\n", File.ReadAllText(Path.Combine(directory, "bin/build")));
        Assert.True(File.GetUnixFileMode(Path.Combine(directory, "bin/detect")).HasFlag(UnixFileMode.OtherExecute));
    }

    [Fact]
    public void A_filter_of_more_lines_than_anybody_writes_is_refused() =>
        Assert.Equal(
            "project.toml, line 2, column 1: exclude can have 500 lines at most.",
            Assert.Throws<FormatException>(() => ProjectToml.Parse($"[build]\nexclude = [{string.Concat(Enumerable.Repeat("\"a\",", 501))}]")).Message);

    private static OrderEntry Find(ProjectBuildpack wanted) => new(wanted.Id!, wanted.Version);

    private static Order OrderOf(params string[] groups) =>
        new([.. groups.Select(group => new OrderGroup([.. group.Split(' ').Select(entry => new OrderEntry(entry.TrimEnd('?'), null, entry.EndsWith('?')))]))]);
}
