using Microsoft.Extensions.Primitives;
using Paas.State;
using Paas.Testing;

namespace Paas.Edge;

public sealed class GrantCacheTests : IDisposable
{
    private const string Target = "/v2/app/manifests/latest";
    private static readonly StringValues Ours = "Basic b3VyczpzZWNyZXQ=";
    private static readonly StringValues Theirs = "Basic dGhlaXJzOnNlY3JldA==";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("paas-grants-");
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ChangeEpoch _epoch;
    private readonly GrantCache _cache;

    public GrantCacheTests()
    {
        _epoch = ChangeEpoch.Open(File);
        _cache = new GrantCache(File, _time);
    }

    private string File => Path.Combine(_folder.FullName, "epoch");

    public void Dispose()
    {
        _cache.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void What_was_granted_is_found_again_by_the_same_credentials_only()
    {
        var grant = Keep(Target, Ours);
        Assert.Same(grant, _cache.Find(Target, Ours));
        Assert.Null(_cache.Find(Target, Theirs));
        Assert.Null(_cache.Find(Target, default));
        Assert.Null(_cache.Find(Target + "x", Ours));
    }

    [Fact]
    public void What_is_granted_to_everybody_is_not_granted_to_credentials()
    {
        var grant = Keep(Target, default);
        Assert.Same(grant, _cache.Find(Target, default));
        Assert.Null(_cache.Find(Target, Ours));
    }

    [Fact]
    public void A_change_ends_every_grant()
    {
        Keep(Target, Ours);
        _epoch.Raise();
        Assert.Null(_cache.Find(Target, Ours));
    }

    [Fact]
    public void A_change_while_control_looked_at_the_request_makes_no_grant()
    {
        var grant = GrantOf(_epoch.Current);
        _epoch.Raise();
        _cache.Keep(Target, Ours, grant);
        Assert.Null(_cache.Find(Target, Ours));
        Assert.Equal(0, _cache.Count);
    }

    [Fact]
    public void A_grant_ends_with_its_time()
    {
        Keep(Target, Ours);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.NotNull(_cache.Find(Target, Ours));
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Null(_cache.Find(Target, Ours));
    }

    [Fact]
    public void Without_controls_file_nothing_is_kept()
    {
        using var cache = new GrantCache(Path.Combine(_folder.FullName, "none"), _time);
        cache.Keep(Target, Ours, GrantOf(0));
        Assert.Null(cache.Find(Target, Ours));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void It_keeps_so_many_grants_and_no_more()
    {
        for (var i = 0; i < GrantCache.MostGrants + 10; i++)
        {
            Keep($"/v2/app/manifests/{i}", Ours);
            Assert.InRange(_cache.Count, 1, GrantCache.MostGrants);
        }

        Assert.NotNull(_cache.Find($"/v2/app/manifests/{GrantCache.MostGrants + 9}", Ours));
    }

    [Fact]
    public void It_keeps_so_many_bytes_and_no_more()
    {
        var most = GrantCache.MostBytes / Grant.MaxContent;
        for (var i = 0; i < most + 10; i++)
        {
            Keep($"/v2/app/manifests/{i}", Ours, new byte[Grant.MaxContent]);
            Assert.InRange(_cache.Count, 1, most);
        }
    }

    private Grant Keep(string target, StringValues authorization, byte[]? content = null)
    {
        var grant = GrantOf(_epoch.Current, content);
        _cache.Keep(target, authorization, grant);
        return grant;
    }

    private Grant GrantOf(long epoch, byte[]? content = null) => new(epoch, _cache.End(TimeSpan.FromSeconds(5)), [], null, content ?? []);
}
