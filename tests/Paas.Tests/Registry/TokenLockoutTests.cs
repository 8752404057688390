using System.Net;
using Paas.Testing;

namespace Paas.Registry;

public sealed class TokenLockoutTests : IAsyncLifetime
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly List<RegistryNote> _notes = [];
    private TestRegistry _registry = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _registry = await TestRegistry.StartAsync(services => services.AddSingleton<TimeProvider>(_time).AddSingleton<RegistryNoted>(_notes.Add));

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Theory]
    [InlineData("/v2/")]
    [InlineData("/v2/hello/tags/list")]
    [InlineData("/v2/token?scope=repository:hello:pull")]
    public async Task After_ten_wrong_tokens_the_next_is_told_to_wait(string path)
    {
        using var wrong = _registry.ClientOf("wrong");
        for (var count = 0; count < 10; count++)
        {
            using var refused = await wrong.GetAsync(path, Cancellation);
            Assert.Equal("401 UNAUTHORIZED", await refused.Error());
        }

        using var locked = await wrong.GetAsync(path, Cancellation);
        Assert.Equal("429 TOOMANYREQUESTS", await locked.Error());
        Assert.Equal(TimeSpan.FromMinutes(15), locked.Headers.RetryAfter?.Delta);
        Assert.Equal("Too many wrong credentials came from you: sign in with a token that exists, or wait a while.", await locked.Sentence());
        Assert.Equal("registry.locked Too many wrong credentials came to the registry from 127.0.0.1: it takes no more for a while", _notes.Select(note => $"{note.Action} {note.Text}").Single());

        // Its owner shares the user name and the address, and is let in.
        using var right = await _registry.Client.GetAsync("/v2/", Cancellation);
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        _time.Advance(TimeSpan.FromMinutes(16));
        using var again = await wrong.GetAsync(path, Cancellation);
        Assert.Equal("401 UNAUTHORIZED", await again.Error());
    }

    [Fact]
    public async Task Fifty_wrong_tokens_under_other_names_lock_the_address()
    {
        var answers = new List<string>();
        for (var count = 0; count < 51; count++)
        {
            using var client = new HttpClient { BaseAddress = _registry.Url };
            client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"user{count}:wrong")));
            using var response = await client.GetAsync("/v2/", Cancellation);
            answers.Add(await response.Error());
        }

        Assert.Equal([.. Enumerable.Repeat("401 UNAUTHORIZED", 50), "429 TOOMANYREQUESTS"], answers);
    }

    [Fact]
    public async Task What_is_pushed_and_deleted_is_written_down_with_who_did_it()
    {
        await _registry.PutManifest("hello", "1", await _registry.Manifest("hello"));
        using var deleted = await _registry.Client.DeleteAsync("/v2/hello/manifests/1", Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
        using var none = await _registry.Client.DeleteAsync("/v2/hello/manifests/1", Cancellation);
        Assert.Equal(["admin registry.pushed Pushed hello:1", "admin registry.deleted Deleted hello:1"], _notes.Select(note => $"{note.Actor} {note.Action} {note.Text}"));
    }
}
