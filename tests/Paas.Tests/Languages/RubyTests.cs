namespace Paas.Languages;

/// <summary>Which Ruby the files ask for, what serves the app, and what it is told when that fails.</summary>
public sealed class RubyTests
{
    private const string Functions = "here=$CNB_BUILDPACK_DIR layers=$CNB_LAYERS_DIR version=3.3.13 ruby=/none\n. \"$here/bin/version.sh\"; . \"$here/bin/runtime.sh\"; . \"$here/bin/gems.sh\"; . \"$here/bin/start.sh\"\n";

    [Theory]
    [InlineData("Gemfile", "source 'https://rubygems.org'\nruby '3.3.4'\n", "3.3.4\tGemfile")]
    [InlineData("Gemfile", "ruby(\"~> 3.2\")\r\n", "~> 3.2\tGemfile")]
    [InlineData(".ruby-version", "ruby-3.3.1\n", "3.3.1\t.ruby-version")]
    [InlineData(".tool-versions", "nodejs 24\nruby 3.4.1\n", "3.4.1\t.tool-versions")]
    [InlineData("other", "", "")]
    public void The_projects_files_say_which_ruby(string file, string text, string wish)
    {
        using var shell = new BuildpackShell("ruby").With("Gemfile", "").With(file, text);
        Assert.Equal(wish, shell.Run(Functions + "asked_ruby").Output);
    }

    [Theory]
    [InlineData("3.3.4", true)]
    [InlineData("3.3", true)]
    [InlineData("~> 3.2", true)]
    [InlineData("~> 3.3.0", true)]
    [InlineData(">= 3.1, < 4", true)]
    [InlineData(">= 3.4", false)]
    [InlineData("~> 3.2.0", false)]
    [InlineData("3.4.1", false)]
    [InlineData("2.7.8", false)]
    public void RubyGems_words_are_understood(string asked, bool allowed)
    {
        using var shell = new BuildpackShell("ruby");
        Assert.Equal(allowed ? "yes\n" : "no\n", shell.Run($"{Functions}allows_ruby '{asked}' 3.3.13 && echo yes || echo no").Output);
    }

    [Theory]
    [InlineData("", "lock_file_missing: There is a Gemfile but no Gemfile.lock, so nobody can say which versions to install. Run 'bundle install' and commit Gemfile.lock.\n")]
    [InlineData("<<<<<<< HEAD\n", "lock_file_invalid: Gemfile.lock has the marks of a merge in it. Run 'bundle lock' and commit it.\n")]
    [InlineData("PLATFORMS\n  arm64-darwin-23\n", "lock_file_differs: Gemfile.lock was made for another system only (arm64-darwin-23). Run 'bundle lock --add-platform ")]
    public void A_lock_file_that_does_not_do_is_told_with_the_command(string text, string sentence)
    {
        using var shell = new BuildpackShell("ruby").With("Gemfile", "");
        if (text.Length > 0)
        {
            shell.With("Gemfile.lock", text);
        }

        var (code, _, error) = shell.Run(Functions + "install_gems");
        Assert.Equal(1, code);
        Assert.StartsWith(sentence, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.ru", "    puma (6.6.0)\n", "command = [\"sh\", \"-c\", \"exec bundle exec puma -b tcp://0.0.0.0:$PORT\"]")]
    [InlineData("config.ru", "    rackup (2.2)\n    webrick (1.9)\n", "command = [\"sh\", \"-c\", \"exec bundle exec rackup -o 0.0.0.0 -p $PORT\"]")]
    [InlineData("server.rb", "", "command = [\"bundle\", \"exec\", \"ruby\", \"server.rb\"]")]
    public void What_serves_is_found_among_the_gems(string file, string gems, string command)
    {
        using var shell = new BuildpackShell("ruby").With("Gemfile.lock", gems).With(file, "");
        Assert.Equal(0, shell.Run(Functions + "say_start").Code);
        Assert.Contains(command, File.ReadAllText(Path.Combine(shell.Layers, "launch.toml")).ReplaceLineEndings(""), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rack_app_without_a_server_is_told_which_gem_to_add()
    {
        using var shell = new BuildpackShell("ruby").With("Gemfile.lock", "    rack (3.1)\n").With("config.ru", "");
        var (code, _, error) = shell.Run(Functions + "say_start");
        Assert.Equal((1, "server_missing: There is a config.ru but no server among the gems. Run 'bundle add puma' and commit Gemfile and Gemfile.lock.\n"), (code, error));
    }
}
