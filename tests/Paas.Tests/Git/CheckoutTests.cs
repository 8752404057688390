using System.Diagnostics;
using System.Text;

namespace Paas.Git;

public sealed class CheckoutTests : IAsyncLifetime
{
    private GitServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await GitServer.StartAsync(options =>
    {
        options.MaxTreeSize = 1 << 20;
        options.MaxRepositorySize = 2 << 20;
        options.MaxFiles = 500;
    });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Files_arrive_as_committed_whatever_the_attributes_say()
    {
        var client = await _server.NewClientAsync();
        await client.CommitAsync(".gitattributes", "secret.txt export-ignore\nversion.txt export-subst\n*.dat filter=evil\n");
        await client.CommitAsync("secret.txt", "kept");
        await client.CommitAsync("version.txt", "$Format:%H$");
        await client.CommitAsync("a.dat", "plain");
        await client.CommitAsync("dir/.gitattributes", "x export-ignore\n");
        await client.CommitAsync("dir/x", "\r\n");
        await client.RunAsync("push", "paas", "main");
        var files = Assert.Single(_server.Deploys.Seen).Files;
        Assert.Equal(("kept", "$Format:%H$", "plain", "\r\n"), (files["secret.txt"], files["version.txt"], files["a.dat"], files["dir/x"]));
    }

    [Fact]
    public async Task Executable_bits_and_links_inside_the_tree_are_kept()
    {
        var client = await _server.NewClientAsync();
        Directory.CreateDirectory(Path.Combine(client.Directory, "bin"));
        await File.WriteAllTextAsync(Path.Combine(client.Directory, "bin", "run"), "#!/bin/sh\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(Path.Combine(client.Directory, "bin", "run"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(Path.Combine(client.Directory, "bin", "page"), "../index.html");
        await client.CommitAllAsync();
        UnixFileMode mode = default;
        _server.Deploys.Behave = (source, line, cancellationToken) =>
        {
            mode = File.GetUnixFileMode(Path.Combine(source.Directory, "bin", "run"));
            return FakeDeploys.LiveAtOnce(source, line, cancellationToken);
        };
        await client.RunAsync("push", "paas", "main");
        Assert.True(mode.HasFlag(UnixFileMode.UserExecute));
        Assert.Equal("../index.html", Assert.Single(_server.Deploys.Seen).Files["bin/page"]);
    }

    [Fact]
    public async Task Hostile_file_names_are_built_and_shown_escaped()
    {
        var client = await _server.NewClientAsync();
        await client.CommitAsync("new\nline\u001b[2J", "1");
        await client.CommitAsync("$(touch pwned)", "2");
        await client.CommitAsync("back\\slash `id` 'quoted' -rf", "3");
        var output = await client.RunAsync("push", "paas", "main");
        Assert.Contains("Note: a file name with control characters, 'new\\nline\\x1b[2J', is taken as it is.", output);
        Assert.DoesNotContain("\u001b[2J", output);
        Assert.Equal(["$(touch pwned)", "back\\slash `id` 'quoted' -rf", "index.html", "new\nline\u001b[2J"], Assert.Single(_server.Deploys.Seen).Files.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Hostile_branch_name_is_not_offered_for_copying()
    {
        var client = await _server.NewClientAsync();
        Assert.Contains("Stored branch '$(reboot)'. Nothing is deployed before main or master is pushed; to deploy this branch: git push <remote> <branch>:main", await client.RunAsync("push", "paas", "main:$(reboot)"));
    }

    [Fact]
    public async Task File_name_that_is_not_utf8_is_refused()
    {
        var client = await _server.NewClientAsync();
        var blob = (await client.RunAsync("rev-parse", "HEAD:index.html")).Trim();
        await CommitTreeAsync(client, [.. Encoding.ASCII.GetBytes($"100644 blob {blob}\tcaf"), 0xe9, 0]);
        Assert.Contains("is not valid UTF-8: rename the file and push again.", await client.FailAsync("push", "paas", "main"));
        Assert.Empty(_server.Deploys.Seen);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../outside")]
    [InlineData("a/../../../\u001b[2J")]
    public async Task Link_out_of_the_tree_is_refused(string target)
    {
        var client = await _server.NewClientAsync();
        Directory.CreateDirectory(Path.Combine(client.Directory, "dir"));
        File.CreateSymbolicLink(Path.Combine(client.Directory, "dir", "link"), target);
        await client.CommitAllAsync();
        var output = await client.FailAsync("push", "paas", "main");
        Assert.Contains($"The symlink 'dir/link' -> '{Printable.Show(target)}' leads out of the repository: make it relative to a file in the repository, or remove it, and push again.", output);
        Assert.DoesNotContain("\u001b[2J", output);
        Assert.Empty(_server.Deploys.Seen);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_server.Home.Git, "checkouts")));
    }

    [Fact]
    public async Task Submodule_is_explained_and_the_push_goes_on()
    {
        var library = await _server.NewClientAsync();
        var client = await _server.NewClientAsync();
        await client.RunAsync("submodule", "--quiet", "add", library.Directory, "lib");
        await client.CommitAllAsync();
        var output = await client.RunAsync("push", "paas", "main");
        Assert.Contains("Warning: 'lib' is a submodule. A push carries only its address, so its folder is empty in the build", output);
        Assert.Single(_server.Deploys.Seen);
    }

    [Fact]
    public async Task Lfs_pointers_are_explained_and_the_push_goes_on()
    {
        const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
        var client = await _server.NewClientAsync();
        await client.CommitAsync("one.png", Pointer);
        Assert.Contains("Warning: a file is a Git LFS pointer, not the file itself ('one.png').", await client.RunAsync("push", "paas", "main"));
        await client.CommitAsync("two.png", Pointer + "\n");
        Assert.Contains("Warning: 2 files are Git LFS pointers, not the file itself ('one.png', ...). The platform has no LFS storage", await client.RunAsync("push", "paas", "main"));
    }

    [Fact]
    public async Task Push_over_the_size_limit_is_a_sentence()
    {
        var client = await _server.NewClientAsync();
        await File.WriteAllBytesAsync(Path.Combine(client.Directory, "noise"), Noise(5 << 20), TestContext.Current.CancellationToken);
        await client.CommitAllAsync();
        Assert.Contains("remote: The push is larger than 2 MB, the most that hello's repository may have: take large files out of the history", await client.FailAsync("push", "paas", "main"));
        Assert.Empty(_server.Deploys.Seen);
    }

    [Fact]
    public async Task Push_far_over_the_size_limit_still_reads_the_sentence()
    {
        var client = await _server.NewClientAsync();
        await File.WriteAllBytesAsync(Path.Combine(client.Directory, "noise"), Noise(60 << 20), TestContext.Current.CancellationToken);
        await client.CommitAllAsync();
        Assert.Contains("remote: The push is larger than 2 MB", await client.FailAsync("push", "paas", "main"));
    }

    [Fact]
    public async Task Repository_that_grows_over_the_limit_is_a_sentence()
    {
        var client = await _server.NewClientAsync();
        for (var i = 0; i < 2; i++)
        {
            await File.WriteAllBytesAsync(Path.Combine(client.Directory, "noise"), Noise(900_000), TestContext.Current.CancellationToken);
            await client.CommitAllAsync();
            await client.RunAsync("push", "paas", "main");
        }

        await File.WriteAllBytesAsync(Path.Combine(client.Directory, "noise"), Noise(900_000), TestContext.Current.CancellationToken);
        await client.CommitAllAsync();
        Assert.Contains("With this push the repository of hello would have 2.6 MB; the limit is 2 MB.", await client.FailAsync("push", "paas", "main"));
        Assert.Equal(2, _server.Deploys.Seen.Count);
    }

    [Fact]
    public async Task Large_file_that_compresses_well_is_refused_by_its_size()
    {
        var client = await _server.NewClientAsync();
        await File.WriteAllBytesAsync(Path.Combine(client.Directory, "zeros"), new byte[3 << 20], TestContext.Current.CancellationToken);
        await client.CommitAllAsync();
        Assert.Contains("The file 'zeros' has 3 MB; all files of a commit together may have 1 MB.", await client.FailAsync("push", "paas", "main"));
    }

    [Fact]
    public async Task Many_files_are_refused_by_their_sum_and_their_number()
    {
        var client = await _server.NewClientAsync();
        await File.WriteAllBytesAsync(Path.Combine(client.Directory, "one"), new byte[600_000], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(client.Directory, "two"), new byte[600_000], TestContext.Current.CancellationToken);
        await client.CommitAllAsync();
        Assert.Contains("The files of the commit together have more than 1 MB, the most that is built", await client.FailAsync("push", "paas", "main"));

        var blob = (await client.RunAsync("rev-parse", "HEAD:index.html")).Trim();
        await CommitTreeAsync(client, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 501).Select(i => $"100644 blob {blob}\tf{i}\0"))));
        Assert.Contains("The commit holds more than 500 files, the most that is built", await client.FailAsync("push", "paas", "main"));
    }

    [Fact]
    public async Task Empty_commit_is_refused()
    {
        var client = await _server.NewClientAsync();
        await client.RunAsync("rm", "--quiet", "index.html");
        await client.CommitAllAsync();
        Assert.Contains("holds no files: add your app's files, commit and push again.", await client.FailAsync("push", "paas", "main"));
    }

    [Fact]
    public async Task Tag_object_pushed_as_a_branch_is_refused()
    {
        var client = await _server.NewClientAsync();
        await client.RunAsync("tag", "-a", "v1", "-m", "one");
        var output = await client.FailAsync("push", "paas", "v1:refs/heads/main");
        Assert.Empty(_server.Deploys.Seen);
        Assert.Equal(RefUpdate.None, await _server.RefAsync("refs/heads/main"));
        Assert.NotEmpty(output);
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Makes a commit of exactly these entries (git mktree -z) and moves main to it.</summary>
    private static async Task CommitTreeAsync(GitClient client, byte[] entries)
    {
        using var make = new Process { StartInfo = new("git", ["mktree", "-z"]) { WorkingDirectory = client.Directory, RedirectStandardInput = true, RedirectStandardOutput = true } };
        make.Start();
        await make.StandardInput.BaseStream.WriteAsync(entries);
        make.StandardInput.Close();
        var tree = (await make.StandardOutput.ReadToEndAsync()).Trim();
        await make.WaitForExitAsync();
        var commit = (await client.RunAsync("commit-tree", "-m", "made by hand", tree)).Trim();
        await client.RunAsync("update-ref", "refs/heads/main", commit);
    }
}
