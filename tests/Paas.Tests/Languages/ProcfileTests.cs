namespace Paas.Languages;

/// <summary>Scripts that a Procfile starts.</summary>
public sealed class ProcfileTests
{
    [Theory]
    [InlineData("web: bash bin/serve\n", true)]
    [InlineData("web: FOO=1 exec ./bin/serve -p $PORT\r\n", true)]
    [InlineData("release: cd . && sh -eu 'bin/serve'\n", true)]
    [InlineData("worker: python bin/serve\n", false)]
    [InlineData("# bash bin/serve\nweb: cat bin/serve\n", false)]
    public void Scripts_with_windows_line_endings_are_mended_where_a_shell_would_read_them(string procfile, bool mended)
    {
        using var shell = new BuildpackShell("procfile").With("Procfile", procfile).With("bin/serve", "#!/bin/sh\r\necho served\r\n");
        var (code, _, error) = shell.Run(". \"$CNB_BUILDPACK_DIR/bin/scripts.sh\"; mend_scripts");
        Assert.Equal(0, code);
        Assert.Equal(mended ? "#!/bin/sh\necho served\n" : "#!/bin/sh\r\necho served\r\n", File.ReadAllText(Path.Combine(shell.App, "bin/serve")));
        Assert.Equal(mended, error.Contains("bin/serve has Windows line endings, which Linux does not understand; they are mended in the image.", StringComparison.Ordinal));
    }
}
