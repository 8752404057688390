using System.Globalization;

namespace Paas.Engine.Native.Logs;

/// <summary>A reader that is cut off at any line and comes back with what it was told has every line once.</summary>
public sealed class LogResumeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-logs-").FullName;
    private readonly Random _random = new(20260101); // the same each time
    private long _milliseconds;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Coming_back_at_any_line_gives_the_rest_of_it()
    {
        for (var i = 0; i < 60; i++)
        {
            Write(Id(1 + (i % 3)), $"line {i}", error: i % 5 == 0);
        }

        var all = await ReadAsync(Query(100));
        Assert.Equal(60, all.Select(line => line.Position).Distinct().Count());
        for (var i = 0; i < all.Count; i++)
        {
            Assert.Equal(Texts(all.Skip(i + 1)), Texts(await ReadAsync(Query(100) with { After = Again(all[i].Cursor) })));
        }
    }

    [Fact]
    public async Task Lines_that_are_older_than_what_was_asked_for_do_not_come_when_the_reader_does()
    {
        Write(Id(2), "quiet");
        Write(Id(1), "one");
        Write(Id(1), "two");
        var last = Assert.Single(await ReadAsync(Query(1)));
        Assert.Empty(await ReadAsync(Query(100) with { After = Again(last.Cursor) }));
        Write(Id(2), "spoke again");
        Assert.Equal(["spoke again"], Texts(await ReadAsync(Query(100) with { After = Again(last.Cursor) })));
    }

    [Fact]
    public async Task A_line_that_was_written_late_still_comes()
    {
        Write(Id(1), "first");
        await AppendAsync(Id(1), "2026-02-01T00:00:30Z stdout F second\n");
        var last = (await ReadAsync(Query(100)))[^1];
        await AppendAsync(Id(2), "2026-02-01T00:00:01Z stdout F late\n");
        Assert.Equal(["late"], Texts(await ReadAsync(Query(100) with { After = Again(last.Cursor) })));
    }

    [Fact]
    public async Task Rotation_while_the_reader_is_away_costs_nothing()
    {
        Write(Id(1), "one");
        var last = (await ReadAsync(Query(100)))[^1];
        Write(Id(1), "two");
        Rotate(Id(1), 1);
        Write(Id(1), "three");
        Rotate(Id(1), 2);
        Write(Id(1), "four");
        var rest = await ReadAsync(Query(100) with { After = Again(last.Cursor) });
        Assert.Equal(["two", "three", "four"], Texts(rest));
        Assert.Equal("v3.web.1:3", rest[^1].Position.ToString()[..10]);
        Assert.Equal(["four"], Texts(await ReadAsync(Query(100) with { After = Again(rest[1].Cursor) })));
    }

    [Fact]
    public async Task What_was_rotated_away_meanwhile_is_said()
    {
        Write(Id(1), "one");
        var last = (await ReadAsync(Query(100)))[^1];
        for (var number = 1; number <= 3; number++)
        {
            Write(Id(1), $"in {number}");
            Rotate(Id(1), number);
        }

        File.Delete(LogFiles.RotatedPath(PathOf(Id(1)), 1));
        Write(Id(1), "now");
        var rest = await ReadAsync(Query(100) with { After = Again(last.Cursor) });
        Assert.Equal(["Older lines of web.1 are gone: it has written more than is kept.", "in 2", "in 3", "now"], Texts(rest));
        Assert.Equal("platform", rest[0].Source);
        Assert.Equal(["in 2", "in 3", "now"], Texts(await ReadAsync(Query(100) with { After = Again(rest[0].Cursor) })));
    }

    [Fact]
    public async Task A_long_line_is_whole_for_a_reader_who_came_back_in_the_middle_of_it()
    {
        await AppendAsync(Id(1), $"{Time()} stdout P {new string('a', 8000)}\n{Time()} stderr F between\n");
        var last = Assert.Single(await ReadAsync(Query(100)));
        Rotate(Id(1), 1);
        await AppendAsync(Id(1), $"{Time()} stdout F b\n");
        Assert.Equal([new string('a', 8000) + "b"], Texts(await ReadAsync(Query(100) with { After = Again(last.Cursor) })));
    }

    [Fact]
    public async Task Pages_of_older_lines_meet_without_gap_or_double()
    {
        int[] rotated = [0, 0, 0];
        for (var i = 0; i < 500; i++)
        {
            var which = _random.Next(3);
            Write(Id(1 + which), $"line {i}");
            if (i % 60 == 59)
            {
                Rotate(Id(1 + which), ++rotated[which]);
            }
        }

        var all = await ReadAsync(Query(int.MaxValue));
        Assert.Equal(500, all.Count);
        List<LogLine> pages = [.. await ReadAsync(Query(7))];
        while (await ReadAsync(Query(41) with { Before = LogPosition.Parse(pages[0].Position.ToString()) }) is { Count: > 0 } older)
        {
            pages.InsertRange(0, older);
        }

        Assert.Equal(Texts(all), Texts(pages));
    }

    [Fact]
    public async Task A_link_begins_with_its_line()
    {
        for (var i = 0; i < 40; i++)
        {
            Write(Id(1 + (i % 2)), $"line {i}");
        }

        var all = await ReadAsync(Query(100));
        for (var i = 0; i < all.Count; i++)
        {
            Assert.Equal(Texts(all.Skip(i).Take(5)), Texts(await ReadAsync(Query(5) with { From = LogPosition.Parse(all[i].Position.ToString()) })));
        }

        Assert.Equal(Texts(all.Skip(11)), Texts(await ReadAsync(Query(100) with { Since = all[10].At })));
    }

    [Fact]
    public async Task Two_instances_write_and_rotate_while_the_reader_is_cut_off_again_and_again()
    {
        List<string> written = [];
        var read = new List<string>();
        LogCursor? cursor = null;
        int[] rotated = [0, 0];
        for (var turn = 0; turn < 40; turn++)
        {
            for (var i = _random.Next(30); i > 0; i--)
            {
                var which = _random.Next(2);
                written.Add($"line {written.Count}");
                Write(Id(1 + which), written[^1], error: i % 4 == 0);
                if (_random.Next(25) == 0)
                {
                    Rotate(Id(1 + which), ++rotated[which]);
                }
            }

            // A new engine each time: control was restarted.
            var seen = 0;
            var most = _random.Next(40);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
            using var logs = New();
            await foreach (var line in logs.ReadAsync(Query(int.MaxValue) with { After = cursor }, stop.Token))
            {
                if (seen++ == most)
                {
                    break;
                }

                read.Add(line.Text);
                cursor = Again(line.Cursor);
            }
        }

        read.AddRange(Texts(await ReadAsync(Query(int.MaxValue) with { After = cursor })));
        Assert.Equal(written, read);
    }

    [Fact]
    public async Task Following_goes_on_behind_what_the_reader_has()
    {
        Write(Id(1), "one");
        var last = (await ReadAsync(Query(100)))[^1];
        Write(Id(1), "two");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        using var logs = New();
        await using var lines = logs.ReadAsync(Query(0) with { Follow = true, After = Again(last.Cursor) }, stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("two", lines.Current.Text);
        Write(Id(2), "a newcomer");
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("a newcomer", lines.Current.Text);
        await stop.CancelAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("639308619270034745")]
    [InlineData("zz~v3.web.1:1:1")]
    [InlineData("8de2000~v3.web.1")]
    [InlineData("8de2000~v3.web.1:1:-1")]
    [InlineData("8de2000~:1:1")]
    public void What_is_no_cursor_is_none(string text) => Assert.Null(LogCursor.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("v3.web.1")]
    [InlineData("v3.web.1:1:2")]
    [InlineData(":1:2:8de")]
    [InlineData("v3.web.1:1:x:8de")]
    public void What_is_no_position_is_none(string text) => Assert.Null(LogPosition.Parse(text));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static InstanceId Id(int index) => new(new ProcessKey("hello", 3, 0, "web"), index);

    private static LogQuery Query(int lines) => new("hello", null, null, lines, Follow: false, Since: null);

    /// <summary>As a client hands it back.</summary>
    private static LogCursor? Again(LogCursor? cursor) => LogCursor.Parse(cursor!.ToString());

    private static IEnumerable<string> Texts(IEnumerable<LogLine> lines) => lines.Select(line => line.Text);

    private InstanceLogs New() => new(new LogOptions { Directory = _directory });

    private string PathOf(InstanceId id) => LogFiles.PathOf(_directory, id);

    private async Task<List<LogLine>> ReadAsync(LogQuery query)
    {
        using var logs = New();
        List<LogLine> lines = [];
        await foreach (var line in logs.ReadAsync(query, Cancelled))
        {
            lines.Add(line);
        }

        return lines;
    }

    // Long enough apart that only some of the instances are within what a cursor tells by place.
    private string Time() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)
        .AddMilliseconds(_milliseconds += 1000 + (_random.Next(10) == 0 ? 90_000 : 0))
        .ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00'zzz", CultureInfo.InvariantCulture);

    private void Write(InstanceId id, string text, bool error = false)
    {
        using var logs = New();
        File.AppendAllText(logs.Prepare(id, ""), $"{Time()} {(error ? "stderr" : "stdout")} F {text}\n");
    }

    private async Task AppendAsync(InstanceId id, string text)
    {
        using var logs = New();
        await File.AppendAllTextAsync(logs.Prepare(id, ""), text, Cancelled);
    }

    private void Rotate(InstanceId id, int number) => File.Move(PathOf(id), LogFiles.RotatedPath(PathOf(id), number));
}
