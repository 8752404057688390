using System.Net;
using Paas.Accounts;
using Paas.Client;
using Paas.State;
using Paas.Testing;

namespace Paas.Registry;

public sealed class RobotTokensTests : IAsyncLifetime
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly List<RegistryNote> _notes = [];
    private TestRegistry _registry = null!;
    private RobotTokens _robots = null!;
    private Caller _caller = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _registry = await TestRegistry.StartAsync(services => services.AddSingleton<TimeProvider>(_time).AddSingleton<RegistryNoted>(_notes.Add));
        _robots = _registry.Services.GetRequiredService<RobotTokens>();
        _caller = _registry.Services.GetRequiredService<Tokens>().Authenticate(_registry.Token)!;
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task A_token_ends_when_it_expires_with_what_was_made_from_it()
    {
        using var robot = _registry.RobotOf("hello", "pull,push", TimeSpan.FromMinutes(10));
        await _registry.Push("hello", [1], robot);
        using var traded = await robot.GetAsync("/v2/token?scope=repository:hello:pull", Cancellation);
        var answer = System.Text.Json.JsonSerializer.Deserialize(await traded.Content.ReadAsStringAsync(Cancellation), TokenJson.Default.TokenAnswer)!;
        using var bearing = new HttpClient { BaseAddress = _registry.Url, DefaultRequestHeaders = { Authorization = new("Bearer", answer.Token) } };
        using var before = await bearing.GetAsync("/v2/hello/tags/list", Cancellation);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        _time.Advance(TimeSpan.FromMinutes(11));
        foreach (var client in new[] { robot, bearing })
        {
            using var refused = await client.GetAsync("/v2/hello/tags/list", Cancellation);
            Assert.Equal("401 UNAUTHORIZED", await refused.Error());
        }
    }

    [Fact]
    public void It_is_shown_once_kept_as_a_hash_and_listed_with_its_last_use()
    {
        var (token, secret) = _robots.Create(_caller, "ci", ["hello", "hello/*"], RegistryRights.Pull | RegistryRights.Push, TimeSpan.FromDays(90));
        Assert.Matches("^paasr_[0-9A-Za-z]{43}$", secret);
        Assert.Null(_robots.List(_caller.TeamId).Single().LastUsedAt);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(token.Id, _robots.Authenticate(secret)?.Id);
        var listed = _robots.List(_caller.TeamId).Single();
        Assert.Equal((token.Name, _time.GetUtcNow(), _time.GetUtcNow() + TimeSpan.FromDays(90) - TimeSpan.FromHours(1)), (listed.Name, listed.LastUsedAt, listed.ExpiresAt));
        Assert.Equal(["hello", "hello/*"], listed.Patterns);
        Assert.DoesNotContain(secret, File.ReadAllText(_registry.Services.GetRequiredService<PlatformHome>().DatabaseFile, System.Text.Encoding.Latin1), StringComparison.Ordinal);
    }

    [Fact]
    public void A_revoked_token_opens_nothing_and_frees_its_name()
    {
        var (_, secret) = _robots.Create(_caller, "ci", ["*"], RegistryRights.Pull, null);
        Assert.NotNull(_robots.Authenticate(secret));
        Assert.False(_robots.Revoke(_caller with { TeamId = _caller.TeamId + 1 }, "ci"));
        Assert.True(_robots.Revoke(_caller, "ci"));
        Assert.Null(_robots.Authenticate(secret));
        Assert.False(_robots.Revoke(_caller, "ci"));
        _robots.Create(_caller, "ci", ["*"], RegistryRights.Pull, null);
        Assert.Equal(
            ["registry.token_created Made the registry token ci: pull on *", "registry.token_revoked Revoked the registry token ci", "registry.token_created Made the registry token ci: pull on *"],
            _notes.Select(note => $"{note.Action} {note.Text}"));
    }

    [Fact]
    public void What_makes_no_token_is_said()
    {
        Assert.Equal("robot_name_invalid", Code(() => _robots.Create(_caller, "a b", ["*"], RegistryRights.Pull, null)));
        Assert.Equal("robot_pattern_invalid", Code(() => _robots.Create(_caller, "ci", [], RegistryRights.Pull, null)));
        Assert.Equal("robot_pattern_invalid", Code(() => _robots.Create(_caller, "ci", ["Hello"], RegistryRights.Pull, null)));
        Assert.Equal("robot_rights_missing", Code(() => _robots.Create(_caller, "ci", ["*"], RegistryRights.None, null)));
        Assert.Equal("robot_expiry_invalid", Code(() => _robots.Create(_caller, "ci", ["*"], RegistryRights.Pull, TimeSpan.Zero)));
        _robots.Create(_caller, "ci", ["*"], RegistryRights.Pull, null);
        Assert.Equal("robot_name_taken", Code(() => _robots.Create(_caller, "ci", ["*"], RegistryRights.Pull, null)));
    }

    [Fact]
    public async Task It_opens_neither_the_API_nor_git()
    {
        await using var paas = await TestPaas.StartAsync();
        await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), Cancellation).ReadAsync<AppView>(HttpStatusCode.Created);
        var created = await paas.Api.PostAsJsonAsync("/api/v1/registry/tokens", new CreateRegistryToken("ci", ["*"], ["pull", "push", "delete"], 3600), Cancellation)
            .ReadAsync<CreatedRegistryToken>(HttpStatusCode.Created);
        var robot = paas.ClientOf(created.Token);
        foreach (var path in new[] { "/api/v1/apps", "/api/v1/registry/tokens", "/api/v1/whoami", "/git/hello.git/info/refs?service=git-receive-pack" })
        {
            using var refused = await robot.GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var ping = await robot.GetAsync("/v2/", Cancellation);
        Assert.Equal(HttpStatusCode.OK, ping.StatusCode);
    }

    [Fact]
    public async Task The_API_makes_lists_and_revokes_them_for_the_team_alone()
    {
        await using var paas = await TestPaas.StartAsync();
        var created = await paas.Api.PostAsJsonAsync("/api/v1/registry/tokens", new CreateRegistryToken("ci", ["hello/*"], ["push", "pull"], 90 * 86_400), Cancellation)
            .ReadAsync<CreatedRegistryToken>(HttpStatusCode.Created);
        Assert.StartsWith("paasr_", created.Token, StringComparison.Ordinal);
        var listed = (await paas.Api.GetAsync("/api/v1/registry/tokens", Cancellation).ReadAsync<RegistryTokenView[]>()).Single();
        Assert.Equal(("ci", "robot", "hello/*", "pull,push", created.ExpiresAt), (listed.Name, listed.Kind, listed.Repositories.Single(), string.Join(',', listed.Rights), listed.ExpiresAt));
        var stranger = paas.OtherTeam("strangers");
        Assert.Empty(await stranger.GetAsync("/api/v1/registry/tokens", Cancellation).ReadAsync<RegistryTokenView[]>());
        Assert.Equal("token_not_found", (await stranger.DeleteAsync("/api/v1/registry/tokens/ci", Cancellation).ProblemAsync(HttpStatusCode.NotFound)).Code);
        Assert.Equal("robot_rights_unknown", (await paas.Api.PostAsJsonAsync("/api/v1/registry/tokens", new CreateRegistryToken("x", ["*"], ["fly"], null), Cancellation).ProblemAsync(HttpStatusCode.BadRequest)).Code);
        using var revoked = await paas.Api.DeleteAsync("/api/v1/registry/tokens/ci", Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Empty(await paas.Api.GetAsync("/api/v1/registry/tokens", Cancellation).ReadAsync<RegistryTokenView[]>());
        var activity = await paas.Api.GetAsync("/api/v1/activity", Cancellation).ReadAsync<ActivityView[]>();
        Assert.Equal("Revoked the registry token ci", activity[0].Text);
    }

    private static string Code(Action action) => Assert.Throws<UserError>(action).Code;
}
