namespace Paas.Languages;

/// <summary>What an Aptfile may say.</summary>
public sealed class AptTests
{
    [Fact]
    public void Names_are_read_whatever_the_line_ends_and_comments_are_none()
    {
        using var shell = new BuildpackShell("apt").With("Aptfile", "# for pictures\r\n\r\nlibpng-dev\r\n  tree  # shows folders\nlibstdc++6\nffmpeg=7:7.1-1");
        Assert.Equal((0, "libpng-dev\ntree\nlibstdc++6\nffmpeg=7:7.1-1\n", ""), Read(shell));
    }

    [Theory]
    [InlineData("tree\n:repo:deb http://example.com/debian stable main\n", "aptfile_unsupported: The Aptfile names a repository of its own in line 2")]
    [InlineData("https://example.com/tool_1.0_amd64.deb\n", "aptfile_unsupported: The Aptfile names a file in line 1 (https://example.com/tool_1.0_amd64.deb)")]
    [InlineData("\ntool.deb\n", "aptfile_unsupported: The Aptfile names a file in line 2 (tool.deb)")]
    [InlineData("tree ffmpeg\n", "aptfile_invalid: The Aptfile's line 1 is not the name of a package: 'tree ffmpeg'.")]
    [InlineData("--allow-downgrades\n", "aptfile_invalid: The Aptfile's line 1 is not the name of a package: '--allow-downgrades'.")]
    [InlineData("$(id)\n", "aptfile_invalid: The Aptfile's line 1 is not the name of a package: '$(id)'.")]
    public void Anything_else_is_refused_by_its_line(string text, string verdict)
    {
        using var shell = new BuildpackShell("apt").With("Aptfile", text);
        var (code, _, error) = Read(shell);
        Assert.Equal(1, code);
        Assert.StartsWith(verdict, error, StringComparison.Ordinal);
    }

    [Fact]
    public void New_lists_of_Debian_do_not_change_what_an_image_says_of_a_layer()
    {
        using var shell = new BuildpackShell("apt");
        var (code, output, error) = shell.Run("""
            . "$CNB_BUILDPACK_DIR/lib/debian.sh"
            cd "$CNB_LAYERS_DIR"
            mkdir packages
            apt_lists_id=monday
            ! debian_unchanged packages
            debian_made packages 'launch build cache' 'run tree'
            debian_unchanged packages
            cp packages.toml before
            apt_lists_id=tuesday
            ! debian_unchanged packages
            debian_made packages 'launch build cache' 'run tree'
            debian_unchanged packages
            cmp packages.toml before
            cat debian-lists.toml
            """);
        Assert.Equal((0, "[types]\ncache = true\n", ""), (code, output, error));
    }

    private static (int Code, string Output, string Error) Read(BuildpackShell shell) =>
        shell.Run(". \"$CNB_BUILDPACK_DIR/bin/aptfile.sh\"; aptfile_packages < Aptfile");
}
