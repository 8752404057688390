using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Catalog;

public sealed class GitOriginTests
{
    private static readonly (string, string, bool)[] Hello =
        [("buildpack.toml", BuildpackFiles.Toml("acme/hello", "1"), false), ("bin/detect", "#!/bin/sh\n", true), ("bin/build", "#!/bin/sh\n", true)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repository_is_pinned_by_the_commit_that_it_had()
    {
        await using var host = await GitHost.StartAsync();
        await using var paas = await TestPaas.StartAsync();
        var commit = host.Make("hello", Hello);
        var url = $"{host.Url}hello";
        foreach (var source in (string[])[url, $"{url}#main", $"{url}@main", $"{url}#{commit}"])
        {
            var added = Assert.Single(await BuildpacksEndpointsTests.AddAsync(paas, source).ReadAsync<BuildpackView[]>());
            Assert.Equal(("acme/hello", "1", commit), (added.Id, added.Version, added.Pinned));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(paas.Home.Git, "checkouts")));
    }

    [Fact]
    public async Task One_folder_of_a_repository_is_taken_when_it_is_named()
    {
        await using var host = await GitHost.StartAsync();
        await using var paas = await TestPaas.StartAsync();
        host.Make("samples", [.. Hello.Select(file => ($"buildpacks/hello/{file.Item1}", file.Item2, file.Item3)), ("README.md", "", false)]);
        var problem = await BuildpacksEndpointsTests.AddAsync(paas, $"{host.Url}samples").ProblemAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal("There is no buildpack.toml at the top. Buildpacks are in: buildpacks/hello. Name one of them: a folder as it is, of a repository with URL#branch:folder.", problem.Detail);
        Assert.Single(await BuildpacksEndpointsTests.AddAsync(paas, $"{host.Url}samples#main:buildpacks/hello").ReadAsync<BuildpackView[]>());
    }

    [Fact]
    public async Task A_repository_that_cannot_be_fetched_says_why()
    {
        await using var host = await GitHost.StartAsync();
        await using var paas = await TestPaas.StartAsync();
        host.Make("hello", Hello);
        Assert.Equal($"{host.Url}hello has no branch, tag or commit 'nope'.", await SentenceAsync(paas, $"{host.Url}hello#nope"));
        Assert.Equal($"There is no git repository at {host.Url}other: check the URL.", await SentenceAsync(paas, $"{host.Url}other"));
        host.Before = _ => 401;
        Assert.Equal(
            $"{host.Url}hello wants a login, or there is no such repository. For a private one put a token into the URL: https://TOKEN@host/path. It is used once and not kept.",
            await SentenceAsync(paas, $"{host.Url}hello"));
        host.Before = context =>
        {
            context.Response.Headers.Location = "http://127.0.0.1:1/elsewhere/info/refs";
            return 301;
        };
        Assert.Equal(
            $"{host.Url}hello redirects elsewhere, which is not followed: open it in a browser and give the address that it ends at (often with .git).",
            await SentenceAsync(paas, $"{host.Url}hello"));
    }

    [Fact]
    public async Task A_token_in_the_url_is_sent_and_shown_nowhere()
    {
        await using var host = await GitHost.StartAsync();
        await using var paas = await TestPaas.StartAsync();
        host.Make("hello", Hello);
        var added = await BuildpacksEndpointsTests.AddAsync(paas, $"http://me:s3cret@{host.Url.Authority}/hello").ReadAsync<BuildpackView[]>();
        Assert.Equal($"{host.Url}hello", added[^1].Source);
        Assert.Equal("Basic bWU6czNjcmV0", host.Authorizations[0]);
        Assert.DoesNotContain("s3cret", await paas.Api.GetStringAsync("/api/v1/activity", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_machine_itself_and_its_link_are_not_asked_for_members()
    {
        await using var host = await GitHost.StartAsync();
        await using var paas = await TestPaas.StartAsync();
        host.Make("hello", Hello);
        var stranger = paas.OtherTeam("strangers");
        var problem = await stranger.PostAsJsonAsync("/api/v1/buildpacks", new AddBuildpack($"{host.Url}hello"), Token).ProblemAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal("127.0.0.1 is this server itself, which only an administrator may name: ask one, or add the folder with 'paas buildpacks add DIR'.", problem.Detail);
        Assert.Empty(host.Authorizations);
        Assert.Equal("169.254.169.254 has an address of the machine's own link, where no repository is.", await SentenceAsync(paas, "http://169.254.169.254/latest"));
    }

    private static async Task<string?> SentenceAsync(TestPaas paas, string source) =>
        (await BuildpacksEndpointsTests.AddAsync(paas, source).ProblemAsync(HttpStatusCode.UnprocessableEntity)).Detail;
}
