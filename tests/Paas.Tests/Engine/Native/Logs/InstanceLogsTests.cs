using System.Globalization;
using System.Text;

namespace Paas.Engine.Native.Logs;

public sealed class InstanceLogsTests : IDisposable
{
    private static readonly InstanceId _web = Id(1);
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-logs-").FullName;
    private readonly InstanceLogs _logs;
    private int _second;

    public InstanceLogsTests() => _logs = new InstanceLogs(new LogOptions { Directory = Path.Combine(_directory, "logs"), MaxBytes = 1000, Keep = 3, KeepEndedBytes = 400 });

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void Files_are_the_owners_only()
    {
        var path = _logs.Prepare(_web, "");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task Instances_of_an_app_are_merged_by_time()
    {
        Write(_web, "one");
        Write(Id(2), "two", error: true);
        Write(_web, "three");
        Write(new InstanceId(new ProcessKey("hello", 4, 1, "worker"), 1), "four");
        Write(new InstanceId(new ProcessKey("other", 4, 1, "web"), 1), "five");
        var lines = await ReadAsync(new LogQuery("hello", null, null, 100, false, null));
        Assert.Equal(["web.1 3 one", "web.2 3 two!", "web.1 3 three", "worker.1 4 four"], lines.Select(l => $"{l.Source} {l.Release} {l.Text}{(l.Error ? "!" : "")}"));
        Assert.Equal(["three", "four"], Texts(await ReadAsync(new LogQuery("hello", null, null, 2, false, null))));
        Assert.Equal(["two"], Texts(await ReadAsync(new LogQuery("hello", "web", 2, 100, false, null))));
        Assert.Equal(["four"], Texts(await ReadAsync(new LogQuery("hello", null, null, 100, false, lines[2].At))));
        Assert.Empty(await ReadAsync(new LogQuery("nobody", null, null, 100, false, null)));
    }

    [Fact]
    public async Task Pieces_are_joined_per_stream_and_across_files()
    {
        var path = _logs.Prepare(_web, "");
        await File.AppendAllTextAsync(LogFiles.RotatedPath(path, 1), $"{Time()} stdout P ab\n{Time()} stderr P 12\n", Cancelled);
        await File.AppendAllTextAsync(path, $"{Time()} stdout F cd\n{Time()} stderr F 34\n{Time()} stdout F \n", Cancelled);
        Assert.Equal(["abcd", "1234", ""], Texts(await ReadAsync(new LogQuery("hello", null, null, 100, false, null))));
    }

    [Fact]
    public void A_line_over_16_KB_is_cut_with_a_mark()
    {
        var path = _logs.Prepare(_web, "");
        var piece = new string('x', 8191);
        File.AppendAllText(path, $"{Time()} stdout P {piece}\n{Time()} stdout P {piece}\n{Time()} stdout P {piece}\n{Time()} stdout F end\n");
        Write(_web, "next");
        var lines = _logs.LastLines(_web, 10);
        Assert.Equal([new string('x', LineJoiner.Longest) + LineJoiner.CutMark, "next"], lines);
    }

    [Fact]
    public void Half_a_line_after_a_power_cut_does_not_spoil_the_rest()
    {
        var path = _logs.Prepare(_web, "");
        File.AppendAllText(path, "2026-11-2\n\0\0\0\nnonsense\n2026-99-99T99:99:99Z stdout F x\n");
        Write(_web, "next");
        Assert.Equal(["next"], _logs.LastLines(_web, 10));
    }

    [Fact]
    public void The_last_lines_of_a_large_log_come_from_its_end()
    {
        var path = _logs.Prepare(_web, "");
        var text = new StringBuilder();
        for (var i = 0; i < 20_000; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Time()} stdout P {new string('.', 20)}\n{Time()} stdout F {i}\n");
        }

        File.WriteAllText(path, text.ToString());
        Assert.Equal(Enumerable.Range(15_000, 5000).Select(i => $"{new string('.', 20)}{i}"), _logs.LastLines(_web, 5000));
        Assert.Equal(20_000, _logs.LastLines(_web, 1_000_000).Count);
        Assert.Empty(_logs.LastLines(Id(9), 5));
    }

    [Fact]
    public async Task Following_goes_on_across_rotation_and_to_new_instances()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Write(_web, "old");
        await using var lines = _logs.ReadAsync(new LogQuery("hello", null, null, 100, true, null), stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.Equal("old", await NextAsync(lines));
        Write(_web, "written");
        Assert.Equal("written", await NextAsync(lines));

        var path = LogFiles.PathOf(Path.Combine(_directory, "logs"), _web);
        File.Move(path, LogFiles.RotatedPath(path, 1));
        await File.AppendAllTextAsync(LogFiles.RotatedPath(path, 1), $"{Time()} stdout F before conmon heard\n", Cancelled);
        Write(_web, "between");
        File.Move(path, LogFiles.RotatedPath(path, 2));
        Write(_web, "after");
        Assert.Equal("before conmon heard", await NextAsync(lines));
        Assert.Equal("between", await NextAsync(lines));
        Assert.Equal("after", await NextAsync(lines));
        Write(Id(2), "newcomer");
        Assert.Equal("newcomer", await NextAsync(lines));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await lines.MoveNextAsync());
    }

    [Fact]
    public async Task A_file_over_its_size_is_rotated_and_the_oldest_go()
    {
        var fifo = Path.Combine(_directory, "ctl");
        var path = _logs.Prepare(_web, fifo);
        await File.AppendAllTextAsync(path, new string('x', 1001), Cancelled);
        await _logs.RotateAsync(Cancelled);
        Assert.True(File.Exists(path), "rotated although no conmon would open a new file");
        File.Delete(path);

        using var mkfifo = System.Diagnostics.Process.Start("mkfifo", [fifo]);
        await mkfifo.WaitForExitAsync(Cancelled);
        await using var conmon = new FileStream(fifo, FileMode.Open, FileAccess.ReadWrite);
        for (var i = 1; i <= 6; i++)
        {
            await _logs.RotateAsync(Cancelled);
            await File.AppendAllTextAsync(path, $"{Time()} stdout F {i}{new string('x', 1000)}\n", Cancelled);
            await _logs.RotateAsync(Cancelled);
        }

        Assert.False(File.Exists(path));
        Assert.Equal([4, 5, 6], LogFiles.Rotated(path).Select(r => r.Number));
        var asked = new byte[100];
        Assert.Equal(string.Concat(Enumerable.Repeat("2 0 0\n", 6)), Encoding.ASCII.GetString(asked, 0, await conmon.ReadAsync(asked, Cancelled)));
        Assert.StartsWith("4x", _logs.LastLines(_web, 100)[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ended_instances_keep_their_newest_logs_within_the_limit()
    {
        for (var i = 1; i <= 4; i++)
        {
            Write(Id(i), new string('x', 120));
            File.SetLastWriteTimeUtc(LogFiles.PathOf(Path.Combine(_directory, "logs"), Id(i)), new DateTime(2026, 1, i, 0, 0, 0, DateTimeKind.Utc));
            _logs.Ended(Id(i));
        }

        _logs.Prepare(Id(1), "");
        await _logs.RotateAsync(Cancelled);
        Assert.Equal([1, 3, 4], LogFiles.Instances(Path.Combine(_directory, "logs"), "hello").Select(i => i.Index).Order());
    }

    [Theory]
    [InlineData("v3.web.1.log", 3, 0, 1)]
    [InlineData("v3-2.web.1.log.000004", 3, 2, 1)]
    public void File_names_say_the_instance(string name, int release, int revision, int index)
    {
        Assert.Equal(new InstanceId(new ProcessKey("hello", release, revision, "web"), index), LogFiles.Parse("hello", name));
    }

    [Theory]
    [InlineData("v3.web.1.log.tmp")]
    [InlineData("v3.web.log")]
    [InlineData("x3.web.1.log")]
    [InlineData("v3-1-1.web.1.log")]
    [InlineData("notes")]
    public void Other_files_are_no_logs(string name) => Assert.Null(LogFiles.Parse("hello", name));

    [Fact]
    public void A_name_never_leads_out_of_the_directory() =>
        Assert.Throws<ArgumentException>(() => LogFiles.Instances(_directory, "../etc"));

    [Theory]
    [InlineData("2026-11-21T08:50:00.123456789+02:00 stdout F x", "2026-11-21T06:50:00.1234567Z")]
    [InlineData("2026-11-21T08:50:00Z stderr F x", "2026-11-21T08:50:00Z")]
    public void Times_are_read_with_zone_and_fraction(string line, string expected)
    {
        Assert.True(K8sLine.TryParse(Encoding.UTF8.GetBytes(line), out var parsed));
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), parsed.At);
    }

    public void Dispose()
    {
        _logs.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Nothing_is_renamed_when_no_conmon_hears() => Assert.False(ConmonControl.TryReopenLog(Path.Combine(_directory, "none"), () => Assert.Fail("renamed")));

    private static InstanceId Id(int index) => new(new ProcessKey("hello", 3, 0, "web"), index);

    private static IEnumerable<string> Texts(IEnumerable<LogLine> lines) => lines.Select(l => l.Text);

    private static async Task<string> NextAsync(IAsyncEnumerator<LogLine> lines)
    {
        Assert.True(await lines.MoveNextAsync());
        return lines.Current.Text;
    }

    private async Task<List<LogLine>> ReadAsync(LogQuery query)
    {
        List<LogLine> lines = [];
        await foreach (var line in _logs.ReadAsync(query, Cancelled))
        {
            lines.Add(line);
        }

        return lines;
    }

    private string Time() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(_second++).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00'zzz", CultureInfo.InvariantCulture);

    private void Write(InstanceId id, string text, bool error = false) =>
        File.AppendAllText(_logs.Prepare(id, ""), $"{Time()} {(error ? "stderr" : "stdout")} F {text}\n");
}
