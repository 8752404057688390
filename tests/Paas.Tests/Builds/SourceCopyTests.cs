namespace Paas.Builds;

public sealed class SourceCopyTests
{
    [Fact]
    public void Modes_and_links_come_along()
    {
        using var folder = new TempFolder();
        folder.Write("from/bin/start", "#!/bin/sh\n");
        File.SetUnixFileMode(folder["from/bin/start"], (UnixFileMode)0b111_101_101);
        File.CreateSymbolicLink(folder["from/start"], "bin/start");
        File.CreateSymbolicLink(folder["from/dangling"], "not/here");

        Copy(folder);

        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(folder["to/bin/start"]));
        Assert.Equal("bin/start", new FileInfo(folder["to/start"]).LinkTarget);
        Assert.Equal("not/here", new FileInfo(folder["to/dangling"]).LinkTarget);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../outside")]
    [InlineData("../../from-other/x")]
    public void A_link_out_of_the_tree_is_refused_by_name(string target)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["from/sub"]);
        File.CreateSymbolicLink(folder["from/sub/link"], target);

        var failure = Assert.Throws<BuildFailureException>(() => Copy(folder));

        Assert.Equal("source_invalid", failure.Code);
        Assert.Equal($"The symbolic link 'sub/link' points out of the repository (to '{target}'): make it relative to a file in the repository, or remove it.", failure.Message);
    }

    [Fact]
    public void A_linked_folder_stays_a_link()
    {
        using var folder = new TempFolder();
        folder.Write("from/real/a", "1");
        File.CreateSymbolicLink(folder["from/alias"], "real");

        Copy(folder);

        Assert.Equal("real", new FileInfo(folder["to/alias"]).LinkTarget);
    }

    [Fact]
    public void A_source_that_is_itself_a_link_or_holds_a_pipe_is_not_read()
    {
        using var folder = new TempFolder();
        folder.Write("secret/key", "1");
        File.CreateSymbolicLink(folder["from"], "secret");
        Assert.StartsWith("The source changed while it was copied", Assert.Throws<BuildFailureException>(() => Copy(folder)).Message, StringComparison.Ordinal);

        File.Delete(folder["from"]);
        Directory.CreateDirectory(folder["from"]);
        Assert.Equal(0, MkFifo(System.Text.Encoding.UTF8.GetBytes(folder["from/pipe"] + "\0"), 0b110_000_000));
        Assert.Contains("pipe is not a regular file", Assert.Throws<BuildFailureException>(() => Copy(folder)).Message, StringComparison.Ordinal);
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "mkfifo")]
    private static extern int MkFifo(byte[] path, uint mode);

    private static void Copy(TempFolder folder) =>
        SourceCopy.Run(folder["from"], folder["to"], (int)GetUid(), (int)GetGid(), TestContext.Current.CancellationToken);

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "getuid")]
    private static extern uint GetUid();

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "getgid")]
    private static extern uint GetGid();
}
