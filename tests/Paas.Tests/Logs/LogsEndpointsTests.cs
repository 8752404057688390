using System.Net;
using Paas.Apps;
using Paas.Client;
using Paas.Engine;
using Paas.Testing;

namespace Paas.Logs;

public sealed class LogsEndpointsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly LinesEngine _engine = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lines_come_named_and_without_the_apps_secrets()
    {
        await using var paas = await StartAsync();
        var apps = paas.Services.GetRequiredService<AppStore>();
        var app = Assert.Single(apps.All());
        Set(apps, app, "password=1234");
        _engine.Lines.AddRange([Line("with password=1234"), Line("then new-secret-value")]);
        _engine.After = _ => Set(apps, app, "new-secret-value");

        await using var reader = await EventReader<LogLineView>.OpenAsync(paas.Api, "/api/v1/apps/hello/logs?type=web&index=1&num=5");

        var first = await reader.NextAsync();
        Assert.Equal(new LogLineView(Position.ToString(), Noon, "web.1", 3, true, "with [redacted]"), first?.Data);
        Assert.Equal("then [redacted]", (await reader.NextAsync())?.Data.Text);
        Assert.Null(await reader.NextAsync());
        Assert.Equal(new LogQuery(app.EngineName, "web", 1, 5, false, null), _engine.Asked);
    }

    [Fact]
    public async Task A_stream_that_has_no_more_to_come_says_so_at_its_end()
    {
        await using var paas = await StartAsync();
        Assert.EndsWith("\n\nevent: end\n\n", await paas.Api.GetStringAsync("/api/v1/apps/hello/logs?num=5", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_who_comes_back_asks_for_what_came_after_its_last_line()
    {
        await using var paas = await StartAsync();
        _engine.Lines.Add(Line("one"));
        string last;
        await using (var reader = await EventReader<LogLineView>.OpenAsync(paas.Api, "/api/v1/apps/hello/logs?follow=true"))
        {
            last = (await reader.NextAsync())!.Value.EventId!;
            Assert.True(_engine.Asked!.Follow);
        }

        await using var back = await EventReader<LogLineView>.OpenAsync(paas.Api, "/api/v1/apps/hello/logs", last);
        await back.NextAsync();
        Assert.Equal(Cursor.ToString(), _engine.Asked.After?.ToString());
    }

    [Theory]
    [InlineData("num=10001", "log_query_invalid")]
    [InlineData("num=-1", "log_query_invalid")]
    [InlineData("index=1", "log_query_invalid")]
    [InlineData("num=x", "bad_request")]
    [InlineData("before=web", "log_query_invalid")]
    [InlineData("from=v3.web.1:1:1", "log_query_invalid")]
    [InlineData("before=v3.web.1:1:1:8de&follow=true", "log_query_invalid")]
    public async Task A_question_that_makes_no_sense_is_refused(string query, string code)
    {
        await using var paas = await StartAsync();
        Assert.Equal(code, (await paas.Api.GetAsync("/api/v1/apps/hello/logs?" + query, Token).ProblemAsync(HttpStatusCode.BadRequest)).Code);
    }

    [Fact]
    public async Task The_page_of_a_browser_reads_the_log_with_its_cookie_and_no_other_site_does()
    {
        await using var paas = await StartAsync();
        using var browser = await paas.SignedInAsync();
        using var own = await browser.GetAsync("/api/v1/apps/hello/logs", "text/event-stream");
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        browser.FetchSite = "same-site";
        using var other = await browser.GetAsync("/api/v1/apps/hello/logs", "text/event-stream");
        Assert.Equal(HttpStatusCode.Unauthorized, other.StatusCode);
    }

    [Fact]
    public async Task All_that_is_kept_comes_as_a_file_of_text_without_secrets()
    {
        await using var paas = await StartAsync();
        var apps = paas.Services.GetRequiredService<AppStore>();
        var app = Assert.Single(apps.All());
        Set(apps, app, "password=1234");
        _engine.Lines.AddRange([Line("one password=1234"), Line("two")]);
        using var answer = await paas.Api.GetAsync(new Uri("/api/v1/apps/hello/logs/download", UriKind.Relative), Token);
        Assert.Equal("2026-01-01T12:00:00.000Z web.1 one [redacted]\n2026-01-01T12:00:00.000Z web.1 two\n", await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Matches("^\"?hello-[0-9]{8}-[0-9]{6}\\.log\"?$", answer.Content.Headers.ContentDisposition?.FileName);
        Assert.Equal(new LogQuery(app.EngineName, null, null, int.MaxValue, false, DateTimeOffset.MinValue), _engine.Asked);
    }

    private static LogPosition Position { get; } = new("v3.web.1", new LogPlace(1, 4093), Noon);

    private static LogCursor Cursor { get; } = new(Noon, new Dictionary<string, LogPlace> { ["v3.web.1"] = new(1, 4093) });

    private static LogLine Line(string text) => new(Noon, "web.1", 3, true, text) { Position = Position, Cursor = Cursor };

    private static void Set(AppStore apps, App app, string value) => apps.Set(app.Id, new() { ["KEY"] = value });

    private async Task<TestPaas> StartAsync()
    {
        var paas = await TestPaas.StartAsync(services => services.AddSingleton<IEngine>(_engine));
        await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("hello"), Token).ReadAsync<AppView>(HttpStatusCode.Created);
        return paas;
    }
}
