namespace Paas.Languages;

/// <summary>Where Ruby comes from: Debian, or the makers' sources for lines that Debian does not have.</summary>
public sealed class RubySourcesTests : IAsyncLifetime
{
    /// <summary>Debian's lists and layers, and the compiler, are stood in for.</summary>
    private const string Install =
        """
        here=$CNB_BUILDPACK_DIR layers=$CNB_LAYERS_DIR
        . "$here/bin/version.sh"; . "$here/bin/runtime.sh"
        apt_setup() { :; }
        debian_unchanged() { false; }
        debian_version() { echo 3.3.8-2; }
        install_debians_ruby() { echo "of Debian"; }
        install_ruby_from_source() { echo "from $url with $hash"; }
        install_ruby
        """;

    private static readonly string Hash = new('a', 64);

    private readonly BuildpackShell _shell = new("ruby");
    private MakersSite _site = null!;

    public async ValueTask InitializeAsync()
    {
        _site = await MakersSite.StartAsync();
        var lines = ((string[])["4.1.0-preview1", "4.0.1", "4.0.0", "3.4.8", "3.4.2", "3.1.7", "2.7.8"]).SelectMany(version => ((string[])["tar.gz", "tar.xz", "zip"])
            .Select(kind => $"ruby-{version}\thttps://cache.ruby-lang.org/pub/ruby/{version[..3]}/ruby-{version}.{kind}\tsha1\t{(kind == "tar.xz" ? Hash : "other")}\tsha512"));
        _site.Put("/index.txt", string.Join('\n', lines.Prepend("name\turl\tsha1\tsha256\tsha512")) + "\n");
    }

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _site.DisposeAsync();
    }

    [Theory]
    [InlineData("", "Ruby 3.3.8: the version that Debian has\nof Debian\n")]
    [InlineData("ruby '3.3.1'\n", "Ruby 3.3.8: Gemfile asks for 3.3.1, and of its line the one with all security fixes is taken\nof Debian\n")]
    [InlineData("ruby '~> 3.1'\n", "Ruby 3.3.8: Gemfile asks for ~> 3.1\nof Debian\n")]
    [InlineData("ruby '3.4.2'\n", "Ruby 3.4.8: Gemfile asks for 3.4.2, and of its line the one with all security fixes is taken\nfrom {0}/3.4/ruby-3.4.8.tar.xz with {1}\n")]
    [InlineData("ruby '~> 3.4'\n", "Ruby 3.4.8: Gemfile asks for ~> 3.4\nfrom {0}/3.4/ruby-3.4.8.tar.xz with {1}\n")]
    [InlineData("ruby '>= 4.0'\n", "Ruby 4.0.1: Gemfile asks for >= 4.0\nfrom {0}/4.0/ruby-4.0.1.tar.xz with {1}\n")]
    public void Debians_is_taken_where_it_does_and_else_the_newest_that_does(string gemfile, string said)
    {
        var (code, output, error) = _shell.With("Gemfile", gemfile).Run(Install, Variables());
        Assert.True(code == 0, error);
        Assert.Equal(said.Replace("{0}", _site.Url, StringComparison.Ordinal).Replace("{1}", Hash, StringComparison.Ordinal), output);
    }

    [Fact]
    public void The_copies_that_Bundler_reads_are_told_the_patch_that_was_taken()
    {
        _shell.With("Gemfile", "ruby '3.4.2'\n").With(".ruby-version", "3.4.2\n").Run(Install, Variables());
        Assert.Equal("ruby '3.4.8'\n", File.ReadAllText(Path.Combine(_shell.App, "Gemfile")));
        Assert.Equal("3.4.8\n", File.ReadAllText(Path.Combine(_shell.App, ".ruby-version")));
    }

    [Theory]
    [InlineData("ruby '3.9.1'\n", "version_not_found: Gemfile asks for Ruby 3.9.1, and there is no such Ruby. There are 4.0.1, 3.4.8, 3.1.7, 2.7.8, older ones, and Debian's 3.3.8. Write 'ruby \"~> 3.3\"' into the Gemfile, try the app with it, run 'bundle lock', and commit.\n")]
    [InlineData("ruby '2.7.8'\n", "version_not_found: Gemfile asks for Ruby 2.7.8, which needs OpenSSL 1.1, and Debian 13 has OpenSSL 3 only; Debian's Ruby is 3.3.8. Write 'ruby \"~> 3.3\"' into the Gemfile, try the app with it, run 'bundle lock', and commit.\n")]
    [InlineData("ruby 'jruby-9.4'\n", "version_not_found: Gemfile asks for jruby-9.4, and there is CRuby only. Write 'ruby \"~> 3.3\"' into the Gemfile, run 'bundle lock', and commit.\n")]
    public void What_cannot_be_had_is_refused_with_what_there_is(string gemfile, string sentence)
    {
        var (code, _, error) = _shell.With("Gemfile", gemfile).Run(Install, Variables());
        Assert.Equal((1, sentence), (code, error));
    }

    [Fact]
    public void Makers_who_do_not_answer_are_named()
    {
        var (code, _, error) = _shell.With("Gemfile", "ruby '3.4.2'\n").Run(Install, Variables("http://127.0.0.1:1"));
        Assert.Equal(1, code);
        Assert.EndsWith("version_not_found: Gemfile asks for Ruby 3.4.2, and Debian has Ruby 3.3.8; the sources of others come from http://127.0.0.1:1, which cannot be reached from here. Write 'ruby \"~> 3.3\"' into the Gemfile, try the app with it, run 'bundle lock', and commit; or push again when it can.\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_last_build_compiled_is_kept_while_the_makers_do_not_answer()
    {
        Directory.CreateDirectory(Path.Combine(_shell.Layers, "ruby/bin"));
        File.WriteAllText(Path.Combine(_shell.Layers, "ruby/bin/ruby"), "#!/bin/sh\n");
        File.SetUnixFileMode(Path.Combine(_shell.Layers, "ruby/bin/ruby"), (UnixFileMode)0b111_101_101);
        File.WriteAllText(Path.Combine(_shell.Layers, "ruby.toml"), "[metadata]\nversion = \"3.4.2\"\n");

        var (code, output, error) = _shell.With("Gemfile", "ruby '3.4.2'\n").Run(Install, Variables("http://127.0.0.1:1"));
        Assert.True(code == 0, error);
        Assert.Equal("Ruby 3.4.2: as Gemfile asks\nfrom  with \n", output);
    }

    [Theory]
    [InlineData(false, "version_unreachable: Ruby 3.4.8 could not be fetched from {0}. Push again when it answers.\n")]
    [InlineData(true, "package_damaged: Ruby 3.4.8 does not have the content that {0} promises: it is not used.\n")]
    public void Sources_that_cannot_be_used_end_the_build_with_a_sentence(bool there, string sentence)
    {
        if (there)
        {
            _site.Put("/3.4/ruby-3.4.8.tar.xz", "what somebody made of it");
        }

        var (code, _, error) = _shell.With("Gemfile", "ruby '3.4.2'\n").Run(Install.Replace("install_ruby_from_source() { echo \"from $url with $hash\"; }", "install_ruby_from_source() { compile_ruby; }", StringComparison.Ordinal), Variables());
        Assert.Equal(1, code);
        Assert.EndsWith(sentence.Replace("{0}", _site.Url, StringComparison.Ordinal), error, StringComparison.Ordinal);
    }

    private string[] Variables(string? site = null) => [$"BP_RUBY_SITE={site ?? _site.Url}", "no_proxy=127.0.0.1"];
}
