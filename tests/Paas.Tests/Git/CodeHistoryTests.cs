namespace Paas.Git;

public sealed class CodeHistoryTests : IAsyncLifetime
{
    private GitServer _server = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await GitServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Commits_and_files_between_two_pushes_are_told_in_both_directions()
    {
        var client = await _server.NewClientAsync();
        var old = await client.CommitAsync("a.txt", "1\n2\n");
        await client.CommitAsync("a.txt", "1\n3\n4\n", "Second\n\nwith a body");
        var young = await client.CommitAsync("picture", "\0\u0001", "Third <script>\u001b[2J");
        await client.RunAsync("push", "paas", "main");

        var changes = await _server.History.BetweenAsync(GitServer.Hello, old, young, Cancelled);
        Assert.Null(changes.Note);
        Assert.Equal(["Third <script>\\x1b[2J", "Second"], changes.Commits.Select(commit => commit.Message));
        Assert.Equal("Ann", changes.Commits[0].Author);
        Assert.Empty(changes.Undone);
        Assert.Equal([("a.txt", 2, 1), ("picture", null, (int?)null)], changes.Files.Select(file => (file.Path, file.Added, file.Removed)));
        Assert.Equal(2, changes.FilesTotal);

        var back = await _server.History.BetweenAsync(GitServer.Hello, young, old, Cancelled);
        Assert.Equal((0, 2), (back.Commits.Count, back.Undone.Count));
    }

    [Theory]
    [InlineData("--output=/tmp/pwned")]
    [InlineData("HEAD")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffff")]
    public async Task What_is_not_a_commit_of_the_repository_gets_a_sentence(string commit)
    {
        var client = await _server.NewClientAsync();
        var known = await client.CommitAsync("a.txt", "1");
        await client.RunAsync("push", "paas", "main");
        var changes = await _server.History.BetweenAsync(GitServer.Hello, known, commit, Cancelled);
        Assert.Contains("is not in the repository", changes.Note, StringComparison.Ordinal);
        Assert.Empty(changes.Files);
    }

    [Fact]
    public async Task An_app_without_a_repository_gets_a_sentence() =>
        Assert.NotNull((await _server.History.BetweenAsync(99, new string('a', 40), new string('b', 40), Cancelled)).Note);
}
