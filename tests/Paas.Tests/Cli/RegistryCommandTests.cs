using System.Text.Json;

namespace Paas.Cli;

public sealed class RegistryCommandTests
{
    [Fact]
    public async Task An_image_is_shown_with_its_layers_and_what_refers_to_it()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("registry inspect team/app:1.0"));
        Assert.Equal("GET /api/v1/registry/manifests/team/app?reference=1.0", bench.Requests[^1]);
        Assert.Equal(
            $"""
            image        registry.localhost/team/app@sha256:{new string('c', 64)}
            kind         image for linux/amd64
            tags         1.0, latest
            releases     v7 (live)
            size         50.0 MB
            pushed       2026-01-02
            command      /cnb/process/web
            user         1000

            LAYER         SIZE     MADE BY            WHAT
            dddddddddddd  50.0 MB  paas/nodejs 0.1.0  node_modules

            REFERRED BY   SIZE    WHAT  TYPE
            eeeeeeeeeeee  2.0 KB  SBOM  application/spdx+json
            """,
            bench.Output.TrimEnd());
        Assert.Equal(0, await bench.RunAsync("registry inspect team/app --raw"));
        Assert.Equal("GET /api/v1/registry/manifests/team/app?reference=latest&raw=true", bench.Requests[^1]);
        Assert.Equal("{\"schemaVersion\":2}", bench.Output);
    }

    [Fact]
    public async Task A_collection_tells_what_would_go_and_what_is_held()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("registry gc --dry-run"));
        Assert.Equal("POST /api/v1/registry/collections {\"dryRun\":true}", bench.Requests[^1]);
        Assert.Equal(
            """
            KIND  REPOSITORY  NAME          SIZE     WHY
            tag   team/app    0.9                    team/app keeps the newest 10 tags
            blob              cccccccccccc  50.0 MB  nothing needs it
            Would remove 1 tag and 1 blob, 50 MB in all.
            Another 2.0 KB is not needed either, but stays until 2026-01-02 03:04 UTC at the latest: a push may be about to name it.
            """,
            bench.Output.TrimEnd());
    }

    [Fact]
    public async Task Usage_is_a_few_lines_or_one_json_document()
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync("registry usage"));
        Assert.Contains("images     50.0 MB in 1 repository, each layer counted once", bench.Output, StringComparison.Ordinal);
        Assert.Contains("disk       1.0 GB free of 4.0 GB", bench.Output, StringComparison.Ordinal);
        Assert.Matches(@"APP +IMAGES +OF THAT SHARED +UNPACKED\s+hello +50\.0 MB +30\.0 MB +100\.0 MB", bench.Output);
        Assert.Equal(0, await bench.RunAsync("registry usage --json"));
        using var document = JsonDocument.Parse(bench.Output);
        Assert.Equal(52_428_800, document.RootElement.GetProperty("size").GetInt64());
    }

    [Theory]
    [InlineData("registry rm team/app:1.0 --yes", "DELETE /api/v1/registry/manifests/team/app?reference=1.0")]
    [InlineData("registry rm team/app@sha256:ab --yes", "DELETE /api/v1/registry/manifests/team/app?reference=sha256%3Aab")]
    [InlineData("registry rm team/app --yes", "DELETE /api/v1/registry/repositories/team/app")]
    [InlineData("registry set team/app --public --keep-last 10 --keep-tags v* --limit 2G", "PATCH /api/v1/registry/repositories/team/app {\"public\":true,\"keepLast\":10,\"keepDays\":null,\"keepTags\":\"v*\",\"maxBytes\":2147483648}")]
    [InlineData("registry set team/app --private --limit 0", "PATCH /api/v1/registry/repositories/team/app {\"public\":false,\"keepLast\":null,\"keepDays\":null,\"keepTags\":null,\"maxBytes\":0}")]
    public async Task Change_is_one_request_and_one_sentence(string command, string request)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(0, await bench.RunAsync(command));
        Assert.Equal(request, bench.Requests[^1]);
        Assert.Single(bench.Output.TrimEnd().Split('\n'));
        Assert.Empty(bench.Error);
    }

    [Theory]
    [InlineData("registry rm team/app:1.0", "error: Removing team/app:1.0 needs a yes, and there is no terminal to ask on. Add --yes to remove it.")]
    [InlineData("registry set team/app", "error: What should be set? See: paas registry set --help")]
    [InlineData("registry set team/app --public --private", "error: A repository is either public or private: choose one of --public and --private.")]
    public async Task What_does_not_work_is_one_sentence_and_an_exit_code(string command, string sentence)
    {
        await using var bench = await CliBench.StartAsync();
        Assert.Equal(2, await bench.RunAsync(command));
        Assert.Equal(sentence, bench.Error.TrimEnd());
        Assert.Empty(bench.Output);
    }

    [Theory]
    [InlineData("hello", "hello", null)]
    [InlineData("team/app:1.0", "team/app", "1.0")]
    [InlineData("team/app@sha256:ab", "team/app", "sha256:ab")]
    [InlineData("team/app:1.0@sha256:ab", "team/app", "sha256:ab")]
    [InlineData("localhost:8080/hello:v7", "hello", "v7")]
    [InlineData("registry.localhost:8080/team/app", "team/app", null)]
    public void An_image_is_read_as_it_is_typed_or_pasted(string typed, string repository, string? reference) =>
        Assert.Equal(new ImageText(repository, reference), ImageText.Parse(typed, new Uri("http://localhost:8080")));
}
