namespace Paas.Languages;

/// <summary>What an Elixir app is told when its build fails.</summary>
public sealed class ElixirTests
{
    private const string Functions = "here=$CNB_BUILDPACK_DIR layers=$CNB_LAYERS_DIR\n. \"$here/bin/steps.sh\"\n";

    [Fact]
    public void Packages_without_a_lock_file_are_refused_with_what_to_do()
    {
        using var shell = new BuildpackShell("elixir").With("mix.exs", "defp deps do\n  [\n    {:plug, \"~> 1.16\"}\n  ]\nend\n");
        var (code, _, error) = shell.Run(Functions + "get_packages");
        Assert.Equal((1, "lock_file_missing: mix.exs has packages but there is no mix.lock, so nobody can say which versions to install. Run 'mix deps.get' and commit mix.lock.\n"), (code, error));
    }
}
