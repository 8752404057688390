namespace Paas.Languages;

/// <summary>Which language runs an app whose repository shows several.</summary>
public sealed class TwoLanguagesTests
{
    /// <summary>In the order in which they win.</summary>
    private static readonly (string Name, string File)[] All =
        [("ruby", "Gemfile"), ("php", "composer.json"), ("python", "requirements.txt"), ("elixir", "mix.exs"), ("java", "pom.xml"), ("go", "go.mod"), ("rust", "Cargo.toml"), ("dotnet", "app.csproj"), ("node", "package.json")];

    public static TheoryData<int, string> Winners => [.. All.Select((language, number) => (number, language.Name))];

    [Theory]
    [MemberData(nameof(Winners))]
    public void Each_wins_over_those_after_it_and_the_log_names_them(int number, string name)
    {
        using var shell = new BuildpackShell(name);
        foreach (var (_, file) in All[number..])
        {
            shell.With(file, "");
        }

        Assert.True(shell.Detects());
        Assert.Equal(name + "\n", shell.Run("main_language").Output);
        var others = string.Join(", ", All[(number + 1)..].Select(other => $"{other.Name} ({other.File})"));
        Assert.Equal(
            others.Length == 0 ? "" : $"This repository also has {others}. The app is built as {name}. To choose: paas config set BP_LANGUAGE=<name>\n",
            shell.Run("explain_choice").Output);
    }

    [Theory]
    [InlineData("node", "node")]
    [InlineData("Python", "python")]
    [InlineData("golang", "go")]
    [InlineData("C#", "dotnet")]
    [InlineData("cobol", "ruby")]
    public void BP_LANGUAGE_chooses_under_the_names_that_people_use(string chosen, string name)
    {
        using var shell = new BuildpackShell("procfile").With("Gemfile", "").With("package.json", "{}");
        Assert.Equal(name + "\n", shell.Run("main_language", $"BP_LANGUAGE={chosen}").Output);
    }

    [Fact]
    public void A_language_that_is_none_is_a_sentence()
    {
        using var shell = new BuildpackShell("ruby").With("Gemfile", "");
        Assert.Equal(
            (1, "", "language_unknown: BP_LANGUAGE is 'cobol', which is no language here. Set it to one of ruby, php, python, elixir, java, go, rust, dotnet and node, or take it away: paas config unset BP_LANGUAGE.\n"),
            shell.Run("explain_choice", "BP_LANGUAGE=cobol"));
    }
}
