using Paas.Apps;
using Paas.Buildpacks;
using Paas.Testing;

namespace Paas.Builds;

/// <summary>Who decides what a build is done with: the code, the app's settings, the platform.</summary>
public sealed class BuildChoicesTests : IDisposable
{
    private readonly TempHome _temp = new();
    private readonly DirectoryInfo _source = Directory.CreateTempSubdirectory("paas-choice-");
    private readonly List<string> _lines = [];
    private readonly AddedBuildpacks _added;
    private readonly BuildChoices _choices;
    private readonly long _team;

    public BuildChoicesTests()
    {
        _added = new AddedBuildpacks(_temp.Database, _temp.Home, TimeProvider.System);
        _choices = new BuildChoices(new BuildsOptions { Buildpacks = Repository.PathOf("buildpacks") }, _added);
        _team = new Accounts.AccountStore(_temp.Database, TimeProvider.System).AddTeam("one");
    }

    public void Dispose()
    {
        _temp.Dispose();
        _source.Delete(recursive: true);
    }

    [Fact]
    public void Without_a_word_the_platforms_order_decides_and_nothing_is_said()
    {
        var choice = Read("");
        Assert.Equal(BuildpackCatalog.Read(new BuildsOptions { Buildpacks = Repository.PathOf("buildpacks") }).Order.Groups.Select(Show), choice.Catalog.Order.Groups.Select(Show));
        Assert.Empty(choice.Mounted);
        Assert.Empty(_lines);
    }

    [Fact]
    public void The_apps_settings_are_one_group_of_the_versions_that_are_here()
    {
        Add("acme/one", "1.9.0");
        Add("acme/one", "1.10.0");
        var choice = Read("acme/one paas/node");
        Assert.Equal(["acme/one@1.10.0 paas/node@1.0.0"], choice.Catalog.Order.Groups.Select(Show));
        Assert.Equal("/cnb/buildpacks/acme_one/1.10.0", Assert.Single(choice.Mounted).Inside);
        Assert.Equal(["Buildpacks of the app's settings: acme/one 1.10.0, paas/node 1.0.0"], _lines);
        Assert.Equal(["acme/one@1.9.0"], Read("acme/one@1.9.0").Catalog.Order.Groups.Select(Show));
    }

    [Fact]
    public void A_group_of_project_toml_wins_over_the_settings()
    {
        Add("acme/one", "1.0.0");
        Add("acme/two", "1.0.0");
        Write("[io.buildpacks]\n[[io.buildpacks.group]]\nid = \"acme/two\"\n");
        Assert.Equal(["acme/two@1.0.0"], Read("acme/one").Catalog.Order.Groups.Select(Show));
        Assert.Contains("project.toml chooses the buildpacks: it wins over the app's settings.", _lines);
        Assert.Contains("project.toml chooses the buildpacks: acme/two 1.0.0", _lines);
    }

    [Fact]
    public void Pre_and_post_stand_around_each_group_also_those_of_the_settings()
    {
        Add("acme/one", "1.0.0");
        Add("acme/two", "1.0.0");
        Write("[io.buildpacks]\n[[io.buildpacks.pre.group]]\nid = \"acme/one\"\n[[io.buildpacks.post.group]]\nid = \"acme/two\"\n");
        Assert.Equal(["acme/one@1.0.0 paas/static@1.0.0 acme/two@1.0.0"], Read("paas/static").Catalog.Order.Groups.Select(Show));
        Assert.All(Read("").Catalog.Order.Groups, group => Assert.Equal(("acme/one", "acme/two"), (Own(group)[0].Id, Own(group)[^1].Id)));
        Assert.All(Read("").Catalog.Order.Groups, group => Assert.True(group.Entries[0] is { Id: "paas/ca-certificates", Optional: true }));
    }

    [Fact]
    public void A_script_and_a_folder_of_the_code_are_buildpacks_of_this_build()
    {
        Directory.CreateDirectory(Path.Combine(_source.FullName, "pack"));
        File.WriteAllText(Path.Combine(_source.FullName, "pack/buildpack.toml"), "api = \"0.10\"\n[buildpack]\nid = \"my/pack\"\nversion = \"2\"\n");
        WritePrograms(Path.Combine(_source.FullName, "pack"));
        Write("[io.buildpacks]\n[[io.buildpacks.group]]\nuri = \"./pack\"\n[[io.buildpacks.group]]\nid = \"my/script\"\n[io.buildpacks.group.script]\napi = \"0.10\"\ninline = \"echo hi\"\n");
        var choice = Read("");
        Assert.Equal(["my/pack@2 my/script@0.0.0"], choice.Catalog.Order.Groups.Select(Show));
        Assert.Equal(["/cnb/buildpacks/my_pack/2", "/cnb/buildpacks/my_script/0.0.0"], choice.Mounted.Select(buildpack => buildpack.Inside));
        Assert.Contains("echo hi", File.ReadAllText(Path.Combine(choice.Mounted[1].Directory, "bin/build")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_parts_of_a_composite_are_mounted_with_it()
    {
        Add("acme/one", "1.0.0");
        Add("acme/all", "1.0.0", "[[order]]\n[[order.group]]\nid = \"acme/one\"\nversion = \"1.0.0\"\n");
        Assert.Equal(["acme/all", "acme/one"], Read("acme/all").Mounted.Select(buildpack => buildpack.Id));
    }

    [Fact]
    public void The_apps_config_wins_over_variables_of_project_toml()
    {
        Write("[io.buildpacks]\n[[io.buildpacks.build.env]]\nname = \"A\"\nvalue = \"code\"\n[[io.buildpacks.build.env]]\nname = \"B\"\nvalue = \"code\"\n");
        var env = Read("").EnvWith([new ConfigVar("A", "app", RunOnly: false, Plain: true), new ConfigVar("C", "app", RunOnly: true, Plain: true)]);
        Assert.Equal(new Dictionary<string, string> { ["A"] = "app", ["B"] = "code" }, env);
    }

    [Theory]
    [InlineData("", "acme/gone", "buildpack_missing", "The settings of shop name the buildpack acme/gone, which is not here. See those that are with 'paas buildpacks list', and add others with 'paas buildpacks add'.")]
    [InlineData("[io.buildpacks]\n[[io.buildpacks.group]]\nid = \"acme/gone\"\n", "", "buildpack_missing", "project.toml, line 2, column 3, names the buildpack acme/gone, which is not here. See those that are with 'paas buildpacks list', and add others with 'paas buildpacks add'.")]
    [InlineData("[io.buildpacks]\n[[io.buildpacks.group]]\nuri = \"https://example.com/x\"\n", "", "buildpack_missing", "project.toml, line 2, column 3: 'https://example.com/x' is not a folder of this repository. Add it once with 'paas buildpacks add', which pins it, and name it here by its id.")]
    [InlineData("[io.buildpacks]\n[[io.buildpacks.group]]\nuri = \"../x\"\n", "", "buildpack_missing", "project.toml, line 2, column 3: '../x' is not a folder of this repository. Add it once with 'paas buildpacks add', which pins it, and name it here by its id.")]
    public void What_is_not_here_is_told_with_who_names_it(string project, string settings, string code, string sentence)
    {
        Write(project);
        var failure = Assert.Throws<BuildFailureException>(() => Read(settings));
        Assert.Equal((code, sentence), (failure.Code, failure.Message));
    }

    [Fact]
    public void A_project_toml_that_cannot_be_read_is_told_with_line_and_column()
    {
        Write("[io.buildpacks\n");
        var failure = Assert.Throws<BuildFailureException>(() => Read(""));
        Assert.Equal("project_toml_invalid", failure.Code);
        Assert.StartsWith("project.toml, line 1, column ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith(" Mend it and push again.", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Without what the platform puts around every group (system.toml).</summary>
    private static OrderEntry[] Own(OrderGroup group) => [.. group.Entries.Where(entry => entry.Id != "paas/ca-certificates")];

    private static string Show(OrderGroup group) => string.Join(' ', Own(group).Select(entry => entry.Version is null ? entry.Id : $"{entry.Id}@{entry.Version}"));

    private BuildChoice Read(string settings) => _choices.Read(
        new App { Id = 1, TeamId = _team, Name = "shop", CreatedAt = DateTimeOffset.UnixEpoch, Buildpacks = settings },
        new Source(_source.FullName, new string('a', 40), "main", "test"), _lines.Add, TestContext.Current.CancellationToken);

    private void Write(string project) => File.WriteAllText(Path.Combine(_source.FullName, "project.toml"), project);

    private static void WritePrograms(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "bin"));
        foreach (var file in ((string[])["detect", "build"]).Select(name => Path.Combine(folder, "bin", name)))
        {
            File.WriteAllText(file, "#!/bin/sh\n");
            File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        }
    }

    private void Add(string id, string version, string more = "")
    {
        var folder = Directory.CreateTempSubdirectory("paas-pack-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "buildpack.toml"), $"api = \"0.10\"\n[buildpack]\nid = \"{id}\"\nversion = \"{version}\"\n{more}");
            WritePrograms(folder.FullName);
            var digest = _added.Keep(new UntrustedTree(folder.FullName), "", TestContext.Current.CancellationToken);
            _added.Set(_team, new AddedBuildpack { Name = id, Version = version, Digest = digest, Api = "0.10", Composite = more.Length > 0, Source = "test", Pinned = digest }, "ann");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
