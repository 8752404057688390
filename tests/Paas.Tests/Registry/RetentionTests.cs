namespace Paas.Registry;

public sealed class RetentionTests : IDisposable
{
    private readonly CollectionLab _lab = new();

    [Fact]
    public async Task Without_a_rule_every_tag_stays()
    {
        await PushDailyAsync(_lab.Base, 30);
        await _lab.CollectAsync();
        Assert.Equal(30, _lab.Tags(_lab.Base).Count);
    }

    [Fact]
    public async Task The_newest_so_many_stay()
    {
        _lab.Rule(_lab.Base, last: 3);
        await PushDailyAsync(_lab.Base, 10);
        var report = await _lab.CollectAsync();
        Assert.Equal(["t07", "t08", "t09"], _lab.Tags(_lab.Base));
        Assert.Equal("base/node keeps the newest 3 tags", report.Items[0].Reason);
        Assert.Equal("base/node", report.Items[0].Repository);
    }

    [Fact]
    public async Task Those_of_the_last_days_stay()
    {
        _lab.Rule(_lab.Base, days: 4);
        await PushDailyAsync(_lab.Base, 10);
        await _lab.CollectAsync();
        Assert.Equal(["t06", "t07", "t08", "t09"], _lab.Tags(_lab.Base));
    }

    [Fact]
    public async Task Those_like_a_pattern_stay_and_the_parts_of_a_rule_are_a_union()
    {
        _lab.Rule(_lab.Base, last: 1, days: 2, tags: "t00, t?3");
        await PushDailyAsync(_lab.Base, 10);
        await _lab.CollectAsync();
        Assert.Equal(["t00", "t03", "t08", "t09"], _lab.Tags(_lab.Base));
    }

    [Fact]
    public async Task The_platforms_own_tags_of_an_app_follow_its_releases_alone()
    {
        _lab.Rule(_lab.Hello, last: 1);
        foreach (var tag in (string[])["v1", "v2", "latest", "mine", "vx"])
        {
            await _lab.ImageAsync(_lab.Hello, tag, [tag]);
            _lab.Time.Advance(TimeSpan.FromMinutes(1));
        }

        await _lab.CollectAsync();
        Assert.Equal(["latest", "v1", "v2", "vx"], _lab.Tags(_lab.Hello));
    }

    [Fact]
    public async Task The_tag_of_a_release_that_is_given_up_goes()
    {
        await _lab.ImageAsync(_lab.Hello, "v1", ["one"]);
        await _lab.ImageAsync(_lab.Hello, "v2", ["two"]);
        await _lab.ImageAsync(_lab.Base, "v1", ["not of a release"]);
        _lab.GivenUp.Add(new GivenUpRelease(_lab.AppId, "v1", "the newest 20 releases that served are kept"));
        var report = await _lab.CollectAsync();
        Assert.Equal(["v2"], _lab.Tags(_lab.Hello));
        Assert.Equal(["v1"], _lab.Tags(_lab.Base));
        Assert.Equal("the newest 20 releases that served are kept", report.Items.Single().Reason);
    }

    [Fact]
    public void A_rule_says_itself()
    {
        Assert.Equal("the newest tag and those of the last day", new RetentionRule(1, 1, null).ToString());
        Assert.Equal("the newest 10 tags, those of the last 30 days and those like v* or stable", new RetentionRule(10, 30, "v*, stable").ToString());
        Assert.Equal("every tag", new RetentionRule(null, null, null).ToString());
    }

    public void Dispose() => _lab.Dispose();

    /// <summary>t00, t01 ... one a day, the last a moment ago.</summary>
    private async Task PushDailyAsync(long repository, int count)
    {
        for (var number = 0; number < count; number++)
        {
            _lab.Time.Advance(TimeSpan.FromDays(1));
            await _lab.ImageAsync(repository, $"t{number:00}", [$"layer {number}"]);
        }

        _lab.Time.Advance(TimeSpan.FromMinutes(1));
    }
}
