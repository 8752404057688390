using System.Formats.Tar;

namespace Paas.Cli;

public sealed class BuildpacksCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("paas-cli-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("https://example.com/hello#main:sub", "POST /api/v1/buildpacks {\"source\":\"https://example.com/hello#main:sub\"}")]
    [InlineData("ghcr.io/team/pack:1", "POST /api/v1/buildpacks {\"source\":\"ghcr.io/team/pack:1\"}")]
    public async Task The_last_line_is_what_was_asked_for(string source, string request)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync($"buildpacks add {source}"));
        Assert.Equal(request, bench.Requests[^1]);
        Assert.Equal("acme/part 1.0.0\nacme/hello 1.2.3", bench.Output.TrimEnd());
    }

    [Fact]
    public async Task A_folder_is_sent_as_a_tar_without_what_git_keeps()
    {
        var pack = _folder.CreateSubdirectory("pack");
        Directory.CreateDirectory(Path.Combine(pack.FullName, "bin"));
        Directory.CreateDirectory(Path.Combine(pack.FullName, ".git"));
        await File.WriteAllTextAsync(Path.Combine(pack.FullName, ".git/config"), "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(pack.FullName, "bin/build"), "#!/bin/sh\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(Path.Combine(pack.FullName, "bin/build"), (UnixFileMode)0b111_101_101);
        File.CreateSymbolicLink(Path.Combine(pack.FullName, "bin/detect"), "build");

        using var stream = new MemoryStream();
        using (var content = new FolderContent(pack.FullName))
        {
            await content.CopyToAsync(stream, TestContext.Current.CancellationToken);
        }

        stream.Position = 0;
        using var tar = new TarReader(stream);
        var entries = new List<(string, TarEntryType, UnixFileMode)>();
        while (await tar.GetNextEntryAsync(cancellationToken: TestContext.Current.CancellationToken) is { } entry)
        {
            entries.Add((entry.Name.TrimEnd('/'), entry.EntryType, entry.Mode & (UnixFileMode)0b001_000_000));
        }

        Assert.Equal(
            [("bin", TarEntryType.Directory, UnixFileMode.UserExecute), ("bin/build", TarEntryType.RegularFile, UnixFileMode.UserExecute), ("bin/detect", TarEntryType.SymbolicLink, UnixFileMode.UserExecute)],
            entries);
    }

    [Fact]
    public async Task A_folder_and_a_file_are_uploaded_under_their_names()
    {
        _folder.CreateSubdirectory("pack");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "pack.cnb"), "x", TestContext.Current.CancellationToken);
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync($"buildpacks add {_folder.FullName}/pack/"));
        Assert.StartsWith("POST /api/v1/buildpacks/upload?name=pack", bench.Requests[^1], StringComparison.Ordinal);
        Assert.Equal(0, await bench.RunAsync($"buildpacks add {_folder.FullName}/pack.cnb"));
        Assert.Equal("POST /api/v1/buildpacks/upload?name=pack.cnb x", bench.Requests[^1]);
    }

    [Fact]
    public async Task Apps_are_made_and_set_with_buildpacks_in_order()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("apps create shop --buildpack b/c --buildpack a@1"));
        Assert.Equal("POST /api/v1/apps {\"name\":\"shop\",\"buildpacks\":[\"b/c\",\"a@1\"]}", bench.Requests.First(request => request.StartsWith("POST", StringComparison.Ordinal)));
        Assert.Equal(0, await bench.RunAsync("apps set --buildpack a -a shop"));
        Assert.Contains("\"buildpacks\":[\"a\"]", bench.Requests[^1], StringComparison.Ordinal);
    }
}
