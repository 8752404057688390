using System.Globalization;
using Paas.Apps;
using Paas.Builds;
using Paas.Testing;

namespace Paas.Languages;

/// <summary>Runtimes that Debian or the package registry does not have: real archives of them, from a site of the test's own, in real builds.</summary>
public sealed class SecondSourcesTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("paas-makers-").FullName;
    private PrivateAddress _address = null!;
    private MakersSite _site = null!;
    private BuildLab _lab = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        LongTests.Only("runtimes are fetched, packed anew and compiled");
        _address = await PrivateAddress.AddAsync();
        _site = await MakersSite.StartAsync(_address.Address);
        // A registry that knows no package: it does not answer.
        _lab = await BuildLab.StartAsync(options => options, Token, () => HostSettings.From(new Dictionary<string, string> { ["NPM_CONFIG_REGISTRY"] = _site.Url, ["no_proxy"] = "*" }, [], [], null));
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        if (_lab is not null)
        {
            // The machine's: what a test leaves there it takes away.
            foreach (var hash in _site.Hashes)
            {
                File.Delete(Path.Combine(_lab.Archives, $"sha256-{hash}"));
            }

            await _lab.DisposeAsync();
            await _site.DisposeAsync();
            await _address.DisposeAsync();
        }
    }

    [Fact]
    public async Task Node_comes_from_its_makers_while_the_registry_does_not_answer()
    {
        await NpmRegistry.SkipWithoutAsync();
        await ServeAsync("node");

        var built = Assert.IsType<BuildResult.Built>(await _lab.BuildWithAsync(
            "node",
            app =>
            {
                File.WriteAllText(Path.Combine(app, "package.json"), """{ "scripts": { "start": "node server.js" }, "engines": { "node": "22.x" } }""");
                File.WriteAllText(Path.Combine(app, "server.js"), "console.log(process.version)");
            },
            Token,
            new ConfigVar("BP_NODE_SITE", _site.Url, RunOnly: false, Plain: true)));

        Assert.Contains(_lab.Lines, line => line.EndsWith($"comes from {_site.Url}, for the package registry does not answer", StringComparison.Ordinal));
        Assert.StartsWith("v22.", await _lab.RunInAsync(built, "node server.js", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elixir_comes_from_its_makers_on_the_Erlang_of_Debian()
    {
        await ServeAsync("elixir");

        var built = Assert.IsType<BuildResult.Built>(await _lab.BuildWithAsync(
            "elixir",
            app =>
            {
                Directory.CreateDirectory(Path.Combine(app, "lib"));
                File.WriteAllText(Path.Combine(app, ".tool-versions"), "elixir 1.19.0\n");
                File.WriteAllText(Path.Combine(app, "mix.exs"), "defmodule Hello.MixProject do\n  use Mix.Project\n  def project, do: [app: :hello, version: \"1.0.0\", elixir: \"~> 1.15\"]\n  def application, do: [extra_applications: [:crypto]]\nend\n");
                File.WriteAllText(Path.Combine(app, "lib/hello.ex"), "defmodule Hello do\n  def there, do: \"hello from OTP #{System.otp_release()}\"\nend\n");
            },
            Token,
            new ConfigVar("BP_ELIXIR_SITE", _site.Url, RunOnly: false, Plain: true)));

        Assert.Contains($"Elixir 1.19.0 for Erlang 27 from {_site.Url} (.tool-versions asks for 1.19.0; Debian has 1.18.3)", _lab.Lines);
        Assert.Equal("hello from OTP 27\n", await _lab.RunInAsync(built, "hello eval 'IO.puts(Hello.there())'", Token));
    }

    [Fact]
    public async Task Ruby_is_compiled_from_its_makers_sources_once()
    {
        await ServeAsync("ruby");
        var site = new ConfigVar("BP_RUBY_SITE", _site.Url, RunOnly: false, Plain: true);

        var built = Assert.IsType<BuildResult.Built>(await _lab.BuildWithAsync("ruby", WriteRuby, Token, site));

        Assert.Contains(_lab.Lines, line => line.StartsWith($"compiling Ruby 3.1.2 from {_site.Url}, for Debian has 3.3.", StringComparison.Ordinal));
        Assert.Equal("3.1.2 OpenSSL 3 hello 42\n", await _lab.RunInAsync(built, "bundle exec ruby app.rb", Token));
        Assert.InRange(int.Parse(await _lab.RunInAsync(built, "du -sm /layers/paas_ruby/ruby | cut -f1", Token), CultureInfo.InvariantCulture), 20, 60);

        built = Assert.IsType<BuildResult.Built>(await _lab.BuildWithAsync("ruby", WriteRuby, Token, site));
        Assert.Contains("Ruby 3.1.2 (kept)", _lab.Lines);
        Assert.Contains("gems: unchanged (kept)", _lab.Lines);
        Assert.Equal("3.1.2 OpenSSL 3 hello 42\n", await _lab.RunInAsync(built, "bundle exec ruby app.rb", Token));
        Assert.Equal("no headers\n", await _lab.RunInAsync(built, "ls /layers/paas_ruby/ruby/include 2> /dev/null || echo 'no headers'", Token));
    }

    /// <summary>With a gem that is compiled for it.</summary>
    private void WriteRuby(string app)
    {
        Directory.CreateDirectory(Path.Combine(app, "vendor/cache"));
        File.Copy(Path.Combine(_folder, "tiny_ext-1.0.gem"), Path.Combine(app, "vendor/cache/tiny_ext-1.0.gem"), overwrite: true);
        File.WriteAllText(Path.Combine(app, "Gemfile"), "source 'https://rubygems.org'\nruby '~> 3.1.0'\ngem 'tiny_ext'\n");
        File.WriteAllText(Path.Combine(app, "Gemfile.lock"), "GEM\n  remote: https://rubygems.org/\n  specs:\n    tiny_ext (1.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  tiny_ext\n\nRUBY VERSION\n   ruby 3.1.2p20\n\nBUNDLED WITH\n   2.3.7\n");
        File.WriteAllText(Path.Combine(app, "app.rb"), "require 'openssl'\nrequire 'psych'\nrequire 'tiny_ext'\nputs \"#{RUBY_VERSION} #{OpenSSL::OPENSSL_LIBRARY_VERSION[/OpenSSL \\d/]} #{Psych.load('- hello')[0]} #{TINY}\"\n");
    }

    /// <summary>Puts what the makers publish onto the site.</summary>
    private async Task ServeAsync(string language, [System.Runtime.CompilerServices.CallerFilePath] string here = "")
    {
        var registry = HostSettings.Read().Variables.GetValueOrDefault("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org").TrimEnd('/');
        var made = await Command.RunAsync("bash", [Path.Combine(Path.GetDirectoryName(here)!, "makers.sh"), language, _folder], Token, environment: new Dictionary<string, string> { ["REGISTRY"] = registry });
        Assert.SkipWhen(made.Code != 0, $"The archives of {language} cannot be had: {made.All}");
        _site.PutFolder(_folder);
    }
}
