using System.IO.Compression;

namespace Paas.Languages;

/// <summary>Which Elixir an app asks for, and where that comes from: Debian, or the makers' builds for Debian's Erlang.</summary>
public sealed class ElixirVersionTests : IAsyncLifetime
{
    /// <summary>Debian's lists and layers are stood in for; what is fetched is real.</summary>
    private const string Install =
        """
        here=$CNB_BUILDPACK_DIR layers=$CNB_LAYERS_DIR
        . "$here/bin/version.sh"
        apt_setup() { :; }
        debian_unchanged() { false; }
        debian_version() { case $1 in elixir) echo 1.18.3.dfsg-1 ;; erlang-base) echo 1:27.3.4.1+dfsg-1 ;; esac; }
        debian_layer() { :; }
        install_elixir
        echo "$version $(elixir --version)"
        """;

    private readonly BuildpackShell _shell = new("elixir");
    private MakersSite _site = null!;

    public async ValueTask InitializeAsync()
    {
        _site = await MakersSite.StartAsync();
        var lines = new List<string> { $"main abc 2026-01-01T00:00:00Z {new string('0', 64)}", $"v1.20.0-rc.1-otp-27 abc 2026-01-01T00:00:00Z {new string('0', 64)}", $"v1.20.4-otp-28 abc 2026-01-01T00:00:00Z {new string('0', 64)}" };
        foreach (var version in (string[])["1.17.2", "1.17.3", "1.19.5"])
        {
            lines.Add($"v{version} abc 2026-01-01T00:00:00Z {new string('0', 64)}");
            lines.Add($"v{version}-otp-27 abc 2026-01-01T00:00:00Z {PutZip($"/v{version}-otp-27.zip")}");
        }

        _site.Put("/builds.txt", string.Join('\n', lines) + "\n");
        Directory.CreateDirectory(Path.Combine(_shell.Layers, "erlang/usr/lib/elixir/bin"));
        WriteProgram(Path.Combine(_shell.Layers, "erlang/usr/lib/elixir/bin/elixir"), "of Debian");
    }

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _site.DisposeAsync();
    }

    [Theory]
    [InlineData("other", "", "1.18.3 of Debian", "Elixir 1.18.3 from Debian (mix.exs asks for ~> 1.15)")]
    [InlineData(".tool-versions", "elixir 1.18.0-otp-27\n", "1.18.3 of Debian", "Elixir 1.18.3 from Debian (.tool-versions asks for 1.18.0)")]
    [InlineData(".tool-versions", "erlang 27.1\nelixir 1.17.2\r\n", "1.17.3 of the makers", "Elixir 1.17.3 for Erlang 27 from ")]
    [InlineData(".tool-versions", "elixir 1.16.2\n", "1.18.3 of Debian", "but for Erlang 27, which Debian has, there are 1.19.5, 1.17.3; Elixir 1.x understands what was written for an older one)")]
    [InlineData("elixir_buildpack.config", "erlang_version=27\nelixir_version=\"1.19.1\"\n", "1.19.5 of the makers", "(elixir_buildpack.config asks for 1.19.1; Debian has 1.18.3)")]
    [InlineData("mix.exs", "[elixir: \"~> 1.19\"]", "1.19.5 of the makers", "(mix.exs asks for ~> 1.19; Debian has 1.18.3)")]
    [InlineData("mix.exs", "[elixir: \"~> 1.16.0 or ~> 1.19.1\"]", "1.19.5 of the makers", "")]
    [InlineData("mix.exs", "[elixir: \">= 1.15.0 and < 2.0.0\"]", "1.18.3 of Debian", "")]
    [InlineData("mix.exs", "[elixir: \"nonsense\"]", "1.18.3 of Debian", "")]
    public void The_projects_files_say_which_elixir(string file, string text, string version, string said)
    {
        var (code, output, error) = _shell.With("mix.exs", "[app: :x, elixir: \"~> 1.15\", elixirc_paths: []]").With(file, text).Run(Install, Variables());
        Assert.True(code == 0, error);
        Assert.EndsWith($"{version}\n", output, StringComparison.Ordinal);
        Assert.Contains(said, output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_last_build_made_is_kept_also_while_the_makers_do_not_answer()
    {
        _shell.With("mix.exs", "[elixir: \"~> 1.19\"]").Run(Install, Variables());
        Assert.Contains("Elixir 1.19.5 (mix.exs asks for ~> 1.19; Debian has 1.18.3; kept)", _shell.Run(Install, Variables()).Output, StringComparison.Ordinal);
        Assert.Single(_site.Asked, path => path == "/v1.19.5-otp-27.zip");

        var (_, output, _) = _shell.Run(Install, Variables("http://127.0.0.1:1"));
        Assert.Contains("Elixir 1.19.5 (kept: http://127.0.0.1:1 does not answer)", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".tool-versions", "elixir 1.20.4\n", "version_not_found: .tool-versions asks for 1.20.4, and Debian has Elixir 1.18.3; for Erlang 27, which Debian has, there are 1.19.5, 1.17.3. Ask for 1.18 in .tool-versions, try the app with it, and commit .tool-versions; or push again when there is another.\n")]
    [InlineData("mix.exs", "[elixir: \"~> 1.16.0\"]", "version_not_found: mix.exs asks for ~> 1.16.0, and Debian has Elixir 1.18.3; for Erlang 27, which Debian has, there are 1.19.5, 1.17.3. Ask for 1.18 in mix.exs, try the app with it, and commit mix.exs; or push again when there is another.\n")]
    public void What_nobody_has_is_refused_with_what_there_is(string file, string text, string sentence)
    {
        var (code, _, error) = _shell.With("mix.exs", "").With(file, text).Run(Install, Variables());
        Assert.Equal((1, sentence), (code, error));
    }

    [Fact]
    public void Makers_who_do_not_answer_are_named()
    {
        var (code, _, error) = _shell.With("mix.exs", "[elixir: \"~> 1.19\"]").Run(Install, Variables("http://127.0.0.1:1"));
        Assert.Equal(1, code);
        Assert.EndsWith("version_not_found: mix.exs asks for ~> 1.19, and Debian has Elixir 1.18.3; others come from http://127.0.0.1:1, which cannot be reached from here. Ask for 1.18 in mix.exs, try the app with it, and commit mix.exs; or push again when there is another.\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("what somebody made of it", "package_damaged: Elixir 1.19.5 does not have the content that {0} promises: it is not used.\n")]
    [InlineData(null, "version_unreachable: Elixir 1.19.5 could not be fetched from {0}. Push again when it answers.\n")]
    public void A_build_that_cannot_be_used_ends_with_a_sentence(string? content, string sentence)
    {
        if (content is null)
        {
            _site.Remove("/v1.19.5-otp-27.zip");
        }
        else
        {
            _site.Put("/v1.19.5-otp-27.zip", content);
        }

        var (code, _, error) = _shell.With("mix.exs", "[elixir: \"~> 1.19\"]").Run(Install, Variables());
        Assert.Equal(1, code);
        Assert.EndsWith(sentence.Replace("{0}", _site.Url, StringComparison.Ordinal), error, StringComparison.Ordinal);
    }

    private string[] Variables(string? site = null) => [$"BP_ELIXIR_SITE={site ?? _site.Url}", "no_proxy=127.0.0.1"];

    private string PutZip(string path)
    {
        using var archive = new MemoryStream();
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var name in (string[])["bin/elixir", "bin/mix"])
            {
                using var writer = new StreamWriter(zip.CreateEntry(name).Open());
                writer.Write("#!/bin/sh\necho of the makers\n");
            }
        }

        return _site.Put(path, archive.ToArray());
    }

    private static void WriteProgram(string path, string says)
    {
        File.WriteAllText(path, $"#!/bin/sh\necho {says}\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }
}
