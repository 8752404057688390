namespace Paas.Buildpacks;

public sealed class BuildEnvTests
{
    [Fact]
    public void Of_the_build_images_environment_only_the_named_variables_survive()
    {
        var env = new BuildEnv(Variables("HOME=/home/cnb", "PATH=/bin", "CNB_STACK_ID=s", "https_proxy=p", "SECRET=x", "PIP_FIND_LINKS=y", "CNB_USER_ID=1"));

        Assert.Equal(["CNB_STACK_ID", "HOME", "PATH", "https_proxy"], env.Variables.Keys);
    }

    [Theory]
    [InlineData("PATH", "/usr/bin", "/app/bin", "/app/bin:/usr/bin")]
    [InlineData("PATH", null, "/app/bin", "/app/bin")]
    [InlineData("CPATH", "/a", "/b", "/b:/a")]
    [InlineData("HOME", "/home/cnb", "/elsewhere", "/elsewhere")]
    [InlineData("NODE_ENV", null, "production\n", "production\n")]
    public void A_users_variable_overrides_but_goes_in_front_of_a_path(string name, string? before, string value, string expected)
    {
        var env = new BuildEnv(before is null ? [] : Variables($"{name}={before}"));

        env.ApplyUserFile(name, value);

        Assert.Equal(expected, env.Variables[name]);
    }

    /// <summary>Before, files "name=contents" parted by ';', after. HOME stands for any variable.</summary>
    [Theory]
    [InlineData("old", "HOME=new", "new")]
    [InlineData("old", "HOME.override=new", "new")]
    [InlineData("old", "HOME.default=new", "old")]
    [InlineData(null, "HOME.default=new", "new")]
    [InlineData("", "HOME.default=new", "new")]
    [InlineData("old", "HOME.append=new", "oldnew")]
    [InlineData("old", "HOME.prepend=new", "newold")]
    [InlineData("old", "HOME.append=new;HOME.delim=:", "old:new")]
    [InlineData("old", "HOME.prepend=new;HOME.delim=, ", "new, old")]
    [InlineData(null, "HOME.append=new;HOME.delim=:", "new")]
    [InlineData("", "HOME.prepend=new;HOME.delim=:", "new")]
    [InlineData("old", "HOME.delim=:", "old")]
    [InlineData("old", "HOME.future=new", "old")]
    [InlineData("old", "HOME.append.bak=new", "old")]
    [InlineData("old", "HOME=new\n", "new\n")]
    [InlineData("old", "HOME.append=1;HOME.override=2", "2")]
    [InlineData("old", "HOME.override=2;HOME.prepend=1", "12")]
    public void The_suffix_says_how_a_layers_file_is_applied(string? before, string files, string expected)
    {
        var env = new BuildEnv(before is null ? [] : Variables($"HOME={before}"));

        env.ApplyFiles(Variables(files.Split(';')), "override");

        Assert.Equal(expected, env.Variables["HOME"]);
    }

    [Fact]
    public void An_operators_variable_without_suffix_is_a_default()
    {
        var env = new BuildEnv(Variables("HOME=/home/cnb"));

        env.ApplyFiles(Variables("HOME=/other", "NEW=1"), "default");

        Assert.Equal("/home/cnb", env.Variables["HOME"]);
        Assert.Equal("1", env.Variables["NEW"]);
    }

    [Fact]
    public void Directories_of_a_build_layer_go_in_front_of_the_search_paths()
    {
        var env = new BuildEnv(Variables("PATH=/bin"));

        env.ApplyLayerDirectories("/layers/a/one", directory => directory is "bin" or "lib");
        env.ApplyLayerDirectories("/layers/a/two", _ => true);

        Assert.Equal("/layers/a/two/bin:/layers/a/one/bin:/bin", env.Variables["PATH"]);
        Assert.Equal("/layers/a/two/lib:/layers/a/one/lib", env.Variables["LD_LIBRARY_PATH"]);
        Assert.Equal("/layers/a/two/lib:/layers/a/one/lib", env.Variables["LIBRARY_PATH"]);
        Assert.Equal("/layers/a/two/include", env.Variables["CPATH"]);
        Assert.Equal("/layers/a/two/pkgconfig", env.Variables["PKG_CONFIG_PATH"]);
    }

    private static Dictionary<string, string> Variables(params string[] texts) =>
        texts.Select(text => text.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]);
}
