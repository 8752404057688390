using Paas.Client;

namespace Paas.Dashboard.Controls;

public sealed class LastHourTests
{
    [Theory]
    [InlineData(0, 0, "No requests in the last hour")]
    [InlineData(1, 0, "1 request in the last hour")]
    [InlineData(1240, 3, "1,240 requests, 3 errors in the last hour")]
    [InlineData(2, 1, "2 requests, 1 error in the last hour")]
    public void Sparkline_says_what_it_shows(long requests, long errors, string words) => Assert.Equal(words, LastHour.Said(requests, errors));

    [Theory]
    [InlineData(0, 0, "No requests in the last hour")]
    [InlineData(1240, 0, "Requests in the last hour: 1,240, none failed")]
    [InlineData(1240, 3, "Requests in the last hour: 1,240, 3 failed")]
    public void Title_of_the_chart_is_its_answer(long requests, long errors, string words) => Assert.Equal(words, LastHour.Title(requests, errors));

    [Fact]
    public void Speed_and_requests_without_an_instance_are_told_in_words()
    {
        var metrics = new AppMetricsView(DateTimeOffset.UnixEpoch, 60, [9, 3], [2, 1], [2, 0], [12, 8], [80, 90], 11.6, 1400);
        Assert.Equal("Half of the answers began within 12 ms, 95 % within 1.4 s. 2 requests met no instance that answers, so the platform did.", LastHour.Detail(metrics));
        Assert.Equal("", LastHour.Detail(metrics with { P50OfAll = null, P95OfAll = null, Unserved = [0, 0] }));
        Assert.Equal("0.8 ms", LastHour.Milliseconds(0.83));
    }

    [Fact]
    public void Memory_is_told_of_the_instance_nearest_to_its_limit()
    {
        InstanceMetricsView[] two = [new("web.1", 1, 512, [null, 80], []), new("web.2", 1, 512, [83, 20], [])];
        Assert.Equal("Memory of web in the last hour: at most 83.0 MB of 512.0 MB (web.2)", LastHour.MemoryTitle("web", two));
        Assert.Equal("Memory of web in the last hour: at most 80.0 MB of 512.0 MB", LastHour.MemoryTitle("web", [two[0]]));
        Assert.Equal("Memory of web: nothing ran in the last hour", LastHour.MemoryTitle("web", [two[0] with { MemoryMb = [null] }]));
    }

    [Fact]
    public void Strokes_stand_on_the_ground_and_one_among_thousands_is_seen() =>
        Assert.Equal("M3 20v-20M5 20v-2", LastHour.Strokes([0, 5000, 1, 0], 5000, 20, 2));
}
