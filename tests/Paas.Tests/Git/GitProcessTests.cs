using Microsoft.Extensions.Options;

namespace Paas.Git;

public sealed class GitProcessTests
{
    [Fact]
    public async Task A_git_program_gets_no_more_memory_than_allowed_and_streams_large_files()
    {
        var git = new GitProcess(Options.Create(new GitOptions { MaxMemory = 64 << 20 }));
        var limit = await git.RunAsync(["-c", "alias.limit=!ulimit -d", "limit"], null, TestContext.Current.CancellationToken);
        Assert.Equal("65536", limit.Trim());
        var threshold = await git.RunAsync(["config", "core.bigFileThreshold"], null, TestContext.Current.CancellationToken);
        Assert.Equal("32m", threshold.Trim());
    }
}
