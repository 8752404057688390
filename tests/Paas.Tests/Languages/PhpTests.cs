namespace Paas.Languages;

/// <summary>What composer.json asks for, which folder is served, and what an app is told when that fails.</summary>
public sealed class PhpTests
{
    private const string Functions = "here=$CNB_BUILDPACK_DIR layers=$CNB_LAYERS_DIR version=8.4.28\n. \"$here/bin/project.sh\"; . \"$here/bin/runtime.sh\"; . \"$here/bin/packages.sh\"; . \"$here/bin/start.sh\"\n";

    [Theory]
    [InlineData("^8.2", true)]
    [InlineData("~8.2", true)]
    [InlineData("~8.3.0", false)]
    [InlineData("^7.4|^8.0", true)]
    [InlineData("^7.4 || ^8.1", true)]
    [InlineData(">=8.1 <8.4", false)]
    [InlineData(">=7.2,<9.0", true)]
    [InlineData("8.4.*", true)]
    [InlineData("8.3.*", false)]
    [InlineData("^7.4", false)]
    public void Composers_constraints_are_understood(string constraint, bool fits)
    {
        using var shell = new BuildpackShell("php").With("composer.json", "{\"require\": {\"php\": \"" + constraint + "\"}}");
        var (code, output, error) = shell.Run(Functions + "check_version");
        Assert.Equal(fits ? (0, $"PHP 8.4.28: require of composer.json asks for {constraint}\n", "") : (1, "", error), (code, output, error));
        Assert.Equal(!fits, error.StartsWith($"version_not_found: require of composer.json asks for PHP {constraint}, and there is PHP 8.4.28 only", StringComparison.Ordinal));
    }

    [Fact]
    public void Extensions_come_from_composer_json_and_from_the_locked_packages()
    {
        using var shell = new BuildpackShell("php")
            .With("composer.json", """{"require": {"ext-INTL": "*", "ext-json": "*", "vendor/package": "^1"}}""")
            .With("composer.lock", """{"packages": [{"name": "vendor/package", "require": {"ext-gd": "*", "ext-nothing": "*"}}]}""");
        Assert.Equal("gd vendor/package\nintl composer.json\njson composer.json\nnothing vendor/package\n", shell.Run(Functions + "wanted_extensions").Output);
        var (code, _, error) = shell.Run(Functions + "install_php");
        Assert.Equal(1, code);
        Assert.StartsWith("extension_missing: Debian has no package for PHP's extension ext-nothing (for vendor/package).", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public/index.php", "public")]
    [InlineData("web/index.php", "web")]
    [InlineData("index.php", ".")]
    [InlineData("docroot/index.html", "docroot")]
    public void The_document_root_is_where_the_index_is(string file, string root)
    {
        using var shell = new BuildpackShell("php").With(file, "");
        Assert.Equal(root + "\n", shell.Run(Functions + "document_root; echo $root").Output);
    }

    [Theory]
    [InlineData("BP_PHP_ROOT=../etc", "root_invalid: BP_PHP_ROOT '../etc' must be a plain folder inside the app.\n")]
    [InlineData("BP_PHP_ROOT=none", "root_invalid: The folder 'none' of BP_PHP_ROOT does not exist. Name the folder that holds index.php.\n")]
    [InlineData("BP_PHP_ROOT=", "start_missing: There is no index.php: neither in the top folder nor in public/ or web/. Name its folder: paas config set BP_PHP_ROOT=<folder>.\n")]
    public void A_document_root_that_is_not_there_is_a_sentence(string variable, string sentence)
    {
        using var shell = new BuildpackShell("php");
        var (code, _, error) = shell.Run(Functions + "document_root", variable);
        Assert.Equal((1, sentence), (code, error));
    }

    [Fact]
    public void Packages_without_a_lock_file_are_refused_with_what_to_do()
    {
        using var shell = new BuildpackShell("php").With("composer.json", """{"require": {"slim/slim": "^4"}}""");
        var (code, _, error) = shell.Run(Functions + "install_packages");
        Assert.Equal((1, "lock_file_missing: composer.json has packages but there is no composer.lock, so nobody can say which versions to install. Run 'composer update' and commit composer.lock.\n"), (code, error));
    }
}
