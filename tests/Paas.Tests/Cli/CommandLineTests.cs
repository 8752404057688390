using System.CommandLine;
using System.Text.Json;

namespace Paas.Cli;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("apps list", "shop  live   v3       http://shop.localhost  Live: v3, 2 of 2 web")]
    [InlineData("ps -a shop", "web.1     live   v3       41.5 MB of 512 MB  0         Live for 4 min")]
    [InlineData("config -a shop", "KEY   (masked)  all")]
    [InlineData("domains list -a shop", "shop.localhost  http://shop.localhost  the platform")]
    [InlineData("deploys -a shop", "v3      live      push   1234567890ab  ada")]
    [InlineData("releases -a shop", "v3       live   1234567890ab  ada")]
    [InlineData("tokens list", "cli   2026-01-02  never")]
    [InlineData("registry repos", "team/app    1     50.0 MB  1.0 MB  2026-01-02  everybody")]
    [InlineData("registry ls", "team/app    1     50.0 MB  1.0 MB")]
    [InlineData("registry tags team/app", "1.0  cccccccccccc  50.0 MB  2026-01-02  v6 to v7 (live)  image")]
    [InlineData("registry tags -a shop", "1.0  cccccccccccc")]
    [InlineData("registry tokens list", "ci    hello hello/*  pull,push  2076-01-02  never")]
    [InlineData("bindings list -a shop", "ca    ca-certificates            ca.pem  ada  2026-01-02")]
    [InlineData("buildpacks list", "acme/part   1.0.0    0.10  pack.cnb                   sha256:cccccccccccc  shop")]
    [InlineData("logs -a shop", "web.1 hello")]
    public async Task Listing_is_aligned_text_or_one_json_document(string command, string row)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync(command));
        Assert.Contains(row, bench.Output, StringComparison.Ordinal);
        Assert.Equal(0, await bench.RunAsync($"{command} --json"));
        using var document = JsonDocument.Parse(bench.Output);
        Assert.Equal(JsonValueKind.Array, document.RootElement.ValueKind);
    }

    [Fact]
    public async Task Two_releases_are_compared_by_names_commits_and_files()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("releases diff v3 -a shop"));
        Assert.Equal(
            """
            From v2 to v3:
            config   changed  PORT_X
            command  worker: (none) -> work
            code     aaaaaaaaaaaa -> bbbbbbbbbbbb
              + bbbbbbbbbbbb Fix it (ada)
              logo.png  not text
              app.js  +3 -1
            """,
            bench.Output.TrimEnd());
    }

    [Theory]
    [InlineData("open -a shop", "/apps/shop")]
    [InlineData("open --site -a shop", "http://shop.localhost")]
    public async Task Open_prints_where_the_app_is_in_the_dashboard_or_by_itself(string command, string end)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync(command));
        Assert.EndsWith(end, bench.Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apps info -a nope", 1, "error: There is no app 'nope'. Create it with: paas apps create nope")]
    [InlineData("apps create", 2, "See: paas apps create --help")]
    [InlineData("ps scale web -a shop", 2, "error: 'web' does not say how many of what. Example: paas ps scale web=2")]
    [InlineData("apps destroy shop", 2, "Add --yes to destroy it.")]
    [InlineData("registry tokens create --repo a --pull --expires soon", 2, "error: 'soon' does not say how long the token lasts. Example: --expires 90d (or 12h, 30m)")]
    [InlineData("registry tokens create --pull", 2, "See: paas registry tokens create --help")]
    [InlineData("buildpacks add ./nowhere", 2, "error: There is no folder or file './nowhere'. Name one that is there, the URL of a git repository (https://...) or the reference of an image.")]
    [InlineData("rollback vx -a shop", 2, "error: 'vx' is not a number.")]
    [InlineData("ps", 2, "error: Which app? Name it with --app NAME")]
    [InlineData("whoami --url http://elsewhere.localhost:1", 3, "error: You are not signed in to http://elsewhere.localhost:1. Sign in with: paas login --url")]
    [InlineData("login --url http://elsewhere.localhost:1 --token x", 3, "error: The platform cannot be reached: http://elsewhere.localhost:1 does not answer")]
    public async Task What_does_not_work_is_one_sentence_and_an_exit_code(string command, int exitCode, string sentence)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(exitCode, await bench.RunAsync(command));
        Assert.Contains(sentence, bench.Error, StringComparison.Ordinal);
        Assert.Single(bench.Error.TrimEnd().Split('\n'));
        Assert.Empty(bench.Output);
    }

    [Theory]
    [InlineData("ps scale web=2 worker=1 --memory 1G -a shop", "PATCH /api/v1/apps/shop/formation [{\"type\":\"web\",\"count\":2,\"memoryMb\":1024},{\"type\":\"worker\",\"count\":1,\"memoryMb\":1024}]")]
    [InlineData("ps stop -a shop", "PATCH /api/v1/apps/shop/formation [{\"type\":\"web\",\"count\":0,\"memoryMb\":null}]")]
    [InlineData("rollback v2 -a shop", "POST /api/v1/apps/shop/rollback {\"release\":2}")]
    [InlineData("config set A=1 B=x=y --scope run -a shop", "PATCH /api/v1/apps/shop/config {\"vars\":{\"A\":\"1\",\"B\":\"x=y\"},\"scope\":\"run\",\"plain\":null}")]
    [InlineData("config unset A -a shop", "PATCH /api/v1/apps/shop/config {\"vars\":{\"A\":null},\"scope\":null,\"plain\":null}")]
    [InlineData("deploys cancel -a shop", "POST /api/v1/apps/shop/deploys/4/cancel")]
    [InlineData("apps destroy shop --yes", "DELETE /api/v1/apps/shop")]
    [InlineData("domains remove a.example -a shop", "DELETE /api/v1/apps/shop/domains/a.example")]
    [InlineData(
        "registry tokens create --name ci --repo hello --repo hello/* --pull --push --expires 90d",
        "POST /api/v1/registry/tokens {\"name\":\"ci\",\"repositories\":[\"hello\",\"hello/*\"],\"rights\":[\"pull\",\"push\"],\"expiresInSeconds\":7776000}")]
    [InlineData("registry tokens revoke ci", "DELETE /api/v1/registry/tokens/ci")]
    [InlineData("bindings remove ca -a shop", "DELETE /api/v1/apps/shop/bindings/ca")]
    [InlineData("bindings set ca --type ca-certificates ca.pem=x -a shop", "PUT /api/v1/apps/shop/bindings/ca {\"type\":\"ca-certificates\",\"provider\":null,\"files\":{\"ca.pem\":\"x\"}}")]
    [InlineData("buildpacks remove acme/hello@1.2.3", "DELETE /api/v1/buildpacks/acme/hello@1.2.3")]
    [InlineData("logs --ps web.1 --num 5 -a shop", "GET /api/v1/apps/shop/logs?num=5&type=web&index=1")]
    public async Task Change_is_one_request_and_one_sentence(string command, string request)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync(command));
        Assert.Equal(request, bench.Requests[^1]);
        Assert.Single(bench.Output.TrimEnd().Split('\n'));
        Assert.Empty(bench.Error);
    }

    [Theory]
    [InlineData("apps create shop", true)]
    [InlineData("apps rename store -a shop", true)]
    [InlineData("apps set --health-path /up -a shop", true)]
    [InlineData("apps destroy shop --yes", false)]
    [InlineData("buildpacks remove acme/hello@1.2.3", false)]
    [InlineData("ps scale web=2 -a shop", true)]
    [InlineData("ps restart -a shop", true)]
    [InlineData("ps stop -a shop", true)]
    [InlineData("ps stop worker -a shop", true)]
    [InlineData("config set A=1 -a shop", true)]
    [InlineData("config unset A -a shop", true)]
    [InlineData("domains add a.example -a shop", true)]
    [InlineData("domains remove a.example -a shop", false)]
    [InlineData("deploys cancel -a shop", true)]
    [InlineData("rollback v2 -a shop", true)]
    [InlineData("tokens create --name ci", true)]
    [InlineData("tokens revoke ci", false)]
    [InlineData("registry tokens create --repo hello --pull", true)]
    [InlineData("registry tokens revoke ci", false)]
    [InlineData("open -a shop", true)]
    [InlineData("whoami", true)]
    [InlineData("logout", false)]
    public async Task With_json_a_change_answers_one_document_or_nothing(string command, bool answers)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync($"{command} --json"));
        Assert.Empty(bench.Error);
        if (!answers)
        {
            Assert.Empty(bench.Output);
            return;
        }

        using var document = JsonDocument.Parse(bench.Output);
        Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
    }

    [Fact]
    public async Task A_terminal_gets_an_apps_colours_and_a_pipe_gets_what_was_written()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("logs -a shop"));
        Assert.EndsWith("web.1 hello \e[32mgreen\e[2J\n", bench.Output, StringComparison.Ordinal);
        bench.OutIsTerminal = true;
        Assert.Equal(0, await bench.RunAsync("logs -a shop"));
        Assert.EndsWith(" hello \e[32mgreen\e[0m\n", bench.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[2J", bench.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deploys_log_is_what_is_there_unless_it_is_followed()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("deploys log 3 -a shop"));
        Assert.Equal("GET /api/v1/apps/shop/deploys/3/log?follow=false", bench.Requests[^1]);
        Assert.Equal("line 1\n", bench.Output);
    }

    [Fact]
    public async Task New_token_and_revealed_value_are_printed_alone()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("tokens create --name ci"));
        Assert.Equal("paas_new\n", bench.Output);
        Assert.Equal(0, await bench.RunAsync("config get KEY -a shop"));
        Assert.Equal("hidden\n", bench.Output);
    }

    [Fact]
    public async Task Broken_log_goes_on_where_it_broke()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("deploys log 3 -f -a shop"));
        Assert.Equal("line 1\nline 2\nline 3\n", bench.Output);
    }

    [Fact]
    public async Task One_off_gets_its_words_and_stdin_and_returns_its_exit_code()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(7, await bench.RunAsync("run -a shop -- node --version --json", "typed\n"));
        Assert.Equal("typed\n", bench.Output);
        Assert.Equal("node|--version|--json", bench.Error);
        Assert.Equal(7, await bench.RunAsync("run -a shop node --app x"));
        Assert.Equal("node|--app|x", bench.Error);
    }

    [Fact]
    public async Task Every_command_has_an_example_in_its_help()
    {
        await using var bench = await CliBench.StartAsync();
        var commands = new Queue<(Command Command, string Path)>([(CommandLine.Root(Surroundings.OfProcess()), "")]);
        while (commands.TryDequeue(out var next))
        {
            Assert.Equal(0, await bench.RunAsync($"{next.Path} --help"));
            Assert.Contains("Examples:\n  ", bench.Output, StringComparison.Ordinal);
            foreach (var child in next.Command.Subcommands)
            {
                commands.Enqueue((child, $"{next.Path} {child.Name}"));
            }
        }
    }
}
