using System.Diagnostics;
using Dapper;
using Paas.Accounts;
using Paas.State;
using Paas.Testing;

namespace Paas.Registry;

public sealed class RepositoriesTests
{
    /// <summary>Measured: 500 repositories with 15,000 tags and 25,000 blobs take 140 ms on a busy machine. The limit only tells one query for all from one for each.</summary>
    [Fact]
    public async Task Five_hundred_repositories_are_listed_at_once()
    {
        await using var paas = await TestPaas.StartAsync();
        var team = paas.Services.GetRequiredService<Tokens>().Authenticate(paas.Api.DefaultRequestHeaders.Authorization!.Parameter!)!.TeamId;
        using (var connection = paas.Services.GetRequiredService<Database>().Open())
        {
            await connection.ExecuteAsync(
                """
                BEGIN;
                CREATE TEMP TABLE numbers AS WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 500) SELECT n FROM counted;
                INSERT INTO repositories(team_id, path, created_at) SELECT @team, 'team/app' || n, '2026-01-02T03:04:05.0000000Z' FROM numbers;
                INSERT INTO manifests(repository_id, digest, media_type, content, pushed_at)
                  SELECT id, 'sha256:' || path || n, 'application/vnd.oci.image.manifest.v1+json', zeroblob(2000), '2026-01-02T03:04:05.0000000Z' FROM repositories, numbers WHERE n <= 30;
                INSERT INTO tags(repository_id, name, digest, updated_at) SELECT repository_id, digest, digest, pushed_at FROM manifests;
                INSERT INTO repository_blobs(repository_id, digest, size, linked_at) SELECT id, CASE WHEN n <= 10 THEN n ELSE path || n END, 1000, created_at FROM repositories, numbers WHERE n <= 50;
                COMMIT;
                DROP TABLE numbers;
                """,
                new { team });
        }

        var repositories = paas.Services.GetRequiredService<Repositories>();
        Assert.Equal(500, repositories.Views(team, null).Count);
        var began = Stopwatch.GetTimestamp();
        var views = repositories.Views(team, null);
        var took = Stopwatch.GetElapsedTime(began);
        TestContext.Current.TestOutputHelper?.WriteLine($"{took.TotalMilliseconds:0} ms");
        Assert.All(views, view => Assert.Equal((30, 50_000L, 10_000L), (view.Tags, view.Size, view.SharedSize)));
        Assert.Equal(30, repositories.Tags(repositories.Get(team, "team/app7"), 100).Count);
        Assert.True(took < TimeSpan.FromSeconds(3), $"It took {took}.");
    }
}
