namespace Paas.Languages;

/// <summary>What a failing step becomes: the shared mechanism, and the tables that every buildpack has.</summary>
public sealed class HintsTests
{
    [Fact]
    public void A_pattern_in_the_output_is_the_verdict_with_its_groups()
    {
        using var shell = Table("engine_missing\tno engine ([0-9]+) of ([a-z]+)\tThere is no {2} {1}: take another.\n");
        var (code, output, error) = shell.Run("run_step 'packages' npm_failed printf 'first\\n\\033[31mno engine\\033[0m 42 of node\\r\\n' && run_step '' npm_failed false");
        Assert.Equal(1, code);
        Assert.StartsWith("packages\nfirst\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("engine_missing", error, StringComparison.Ordinal);

        (code, _, error) = shell.Run("run_step 'packages' npm_failed sh -c 'printf \"\\033[31mno engine\\033[0m 42 of node\\r\\n\"; exit 3'");
        Assert.Equal((1, "engine_missing: There is no node 42: take another.\n"), (code, error));
    }

    [Theory]
    [InlineData("run_step 'The step' npm_failed sh -c 'exit 5'", "npm_failed: The step failed (exit 5): the lines above say why.\n")]
    [InlineData("otherwise='Do this.' run_step 'The step' npm_failed false", "npm_failed: Do this.\n")]
    [InlineData("run_step '' npm_failed sh -c 'exit 137'", "build_memory: The build used more memory than a build may have, and was ended. Give builds more memory, or let the build script do less at once.\n")]
    [InlineData("run_step '' npm_failed sh -c 'read -r answer || exit 4'", "npm_failed: sh failed (exit 4): the lines above say why.\n")]
    public void Without_a_pattern_the_step_has_a_word_of_its_own(string script, string verdict)
    {
        using var shell = Table("engine_missing\tno engine\tTake another.\n");
        var (code, _, error) = shell.Run(script);
        Assert.Equal((1, verdict), (code, error));
    }

    [Fact]
    public void A_step_that_succeeds_is_no_verdict()
    {
        using var shell = Table("engine_missing\tno engine\tTake another.\n");
        Assert.Equal((0, "no engine\nafter\n", ""), shell.Run("run_step '' npm_failed echo no engine; echo after"));
    }

    /// <summary>A line that is not three fields would never be found, and a sentence without its full stop would be no verdict.</summary>
    [Fact]
    public void Every_line_of_every_table_can_become_a_verdict()
    {
        var tables = Directory.EnumerateFiles(Repository.PathOf("buildpacks"), "hints.tsv", SearchOption.AllDirectories).ToList();
        Assert.NotEmpty(tables);
        foreach (var line in tables.SelectMany(File.ReadLines).Where(line => line.Length > 0 && line[0] != '#'))
        {
            Assert.Matches(@"^[a-z]+(_[a-z0-9]+)+\t[^\t]+\t[A-Za-z'{][^\t]* [^\t]*\.$", line);
        }
    }

    private static BuildpackShell Table(string hints)
    {
        var shell = new BuildpackShell("procfile");
        File.WriteAllText(Path.Combine(shell.Buildpack, "hints.tsv"), hints);
        return shell;
    }
}
