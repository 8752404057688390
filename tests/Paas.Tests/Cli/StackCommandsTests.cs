using System.Text.Json;

namespace Paas.Cli;

public sealed class StackCommandsTests
{
    [Fact]
    public async Task The_stack_shows_which_apps_stand_on_older_images()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("stack"));
        Assert.Equal(
            $"""
            run image    sha256:{new string('c', 64)}
            made         2026-01-02 (Debian 13 (trixie)), 1 packages; the build image has 201
            every week   on: Sunday at 04:00 (UTC), next 2026-01-02 03:04 UTC

            APP   RELEASE  RUN IMAGE     STATE
            shop  v3       cccccccccccc  older
            site  v2       cccccccccccc  current
            new                          Nothing has been deployed yet.

            1 app stands on an older run image. Move it with: paas stack update
            """,
            System.Text.RegularExpressions.Regex.Replace(bench.Output.TrimEnd(), "made         [^(]*", "made         2026-01-02 "));
    }

    [Fact]
    public async Task A_dry_run_says_what_would_change()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("stack update --dry-run"));
        Assert.Equal("GET /api/v1/stack/plan", bench.Requests[^1]);
        Assert.Equal(
            """
            IMAGE  PACKAGE  NOW  WOULD BE
            run    nginx    1    2

            APP    RELEASE  WOULD BE  WHY
            shop   v3       rebased
            fixed  v1       refused   The image is marked as not rebasable.

            1 package is newer; 1 app would be rebased and rolled out.
            """,
            bench.Output.TrimEnd());
    }

    [Fact]
    public async Task An_update_prints_its_lines_as_they_come_and_then_its_report()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(1, await bench.RunAsync("stack update --offline"));
        Assert.Equal(["POST /api/v1/stack/updates {\"offline\":true}", "GET /api/v1/stack/updates/7"], bench.Requests);
        Assert.Equal(
            """
            1 package is newer:
              run image: nginx 1 -> 2

            APP   OUTCOME  FROM  TO  WHY
            bad   failed   v1        v2 did not come up.
            shop  rebased  v3    v4

            Rebased 1 app; 1 app failed and keeps its old release.
            """,
            bench.Output.TrimEnd());
    }

    [Theory]
    [InlineData("stack status", 1)]
    [InlineData("stack update --json", 1)]
    [InlineData("stack update --dry-run --json", 0)]
    [InlineData("stack --json", 0)]
    [InlineData("releases containing openssl --json", 0)]
    [InlineData("releases sbom --app shop", 0)]
    public async Task Scripts_get_one_document(string command, int exit)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(exit, await bench.RunAsync(command.Contains("json", StringComparison.Ordinal) || command.Contains("sbom", StringComparison.Ordinal) ? command : $"{command} --json"));
        using var document = JsonDocument.Parse(bench.Output);
        Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
    }

    [Theory]
    [InlineData("stack schedule", "GET /api/v1/stack/schedule")]
    [InlineData("stack schedule on --day Monday --hour 3", "PUT /api/v1/stack/schedule {\"enabled\":true,\"day\":\"monday\",\"hour\":3,\"timeZone\":\"UTC\",\"nextAt\":\"2026-01-02T03:04:05+00:00\"}")]
    [InlineData("stack schedule off", "PUT /api/v1/stack/schedule {\"enabled\":false,\"day\":\"sunday\",\"hour\":4,\"timeZone\":\"UTC\",\"nextAt\":\"2026-01-02T03:04:05+00:00\"}")]
    public async Task The_schedule_is_shown_and_set(string command, string request)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync(command));
        Assert.Equal(request, bench.Requests[^1]);
        Assert.Equal("The weekly update is on: Sunday at 04:00 (UTC), next 2026-01-02 03:04 UTC.", bench.Output.TrimEnd());
    }

    [Theory]
    [InlineData("stack schedule maybe", "'maybe' is neither on nor off. Example: paas stack schedule on --day sunday --hour 4")]
    [InlineData("stack schedule --hour 3", "Say on or off too. Example: paas stack schedule on --day sunday --hour 4")]
    public async Task What_cannot_be_meant_is_said(string command, string sentence)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(2, await bench.RunAsync(command));
        Assert.Contains(sentence, bench.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Releases_with_a_package_are_listed()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("releases containing openssl"));
        Assert.Equal(
            """
            APP   RELEASE  SERVES  PACKAGE     VERSION  FROM
            shop  v3       yes     libssl3t64  3.5.1    run image
            shop  v2               libssl3t64  3.5.0    run image
            old v1 cannot be told: Its image was removed by retention.
            """,
            bench.Output.TrimEnd());
    }
}
