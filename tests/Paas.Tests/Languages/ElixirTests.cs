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

    [Theory]
    [InlineData("** (Mix) Your mix.lock is out of date and must be updated without the --check-locked flag", "lock_file_differs: ")]
    [InlineData("** (Mix) You're trying to run :hello on Elixir v1.18.3 but it has declared in its mix.exs file it supports only Elixir ~> 1.19", "version_not_found: The app allows Elixir ~> 1.19 only, and there is 1.18.3.")]
    [InlineData("Failed to fetch record for plug from registry (using cache instead)", "hex_unreachable: ")]
    [InlineData("** (Mix) No package with name plugg (from: mix.exs) in registry", "package_missing: No package repository has plugg.")]
    [InlineData("** (Mix) Hex dependency resolution failed", "requirements_conflict: ")]
    [InlineData("fatal: could not read Username for 'https://example.com': terminal prompts disabled", "git_missing_rights: ")]
    [InlineData("** (Mix) The task \"phx.digest\" could not be found", "task_missing: No package of prod has the task phx.digest.")]
    [InlineData("    environment variable DATABASE_URL is missing.", "config_missing: The configuration wants the variable DATABASE_URL")]
    [InlineData("c_src/x.c:1:10: fatal error: sodium.h: No such file or directory", "headers_missing: ")]
    [InlineData("Compilation failed due to warnings while using the --warnings-as-errors option", "warnings_are_errors: ")]
    [InlineData("** (TokenMissingError) lib/hello.ex:7:1:", "code_invalid: The code is not valid Elixir at lib/hello.ex:7:1.")]
    [InlineData("    error: undefined variable \"prt\"", "code_invalid: The code does not compile: undefined variable \"prt\".")]
    [InlineData("== Compilation error in file lib/hello.ex ==", "compile_failed: The file lib/hello.ex does not compile")]
    [InlineData("could not compile dependency :bcrypt_elixir, \"mix compile\" failed.", "compile_failed: The package :bcrypt_elixir does not compile")]
    public void What_the_tools_say_becomes_a_sentence_with_a_fix(string said, string verdict)
    {
        using var shell = new BuildpackShell("elixir");
        Assert.StartsWith(verdict, shell.HintFor($"Resolving\n{said}\n"), StringComparison.Ordinal);
    }
}
