using System.Text.Json;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>The commands that scripts use, against a real platform.</summary>
public sealed class RegistryCommandTests(Platform platform)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scripts_list_inspect_measure_collect_and_remove()
    {
        await using var lab = ClientLab.Start(platform);
        var repository = lab.Repository();
        await lab.PushAsync(repository, "1.0");
        await lab.PushAsync(repository, "1.1");

        Assert.Contains(repository, (await JsonAsync(lab, "repos")).EnumerateArray().Select(item => item.GetProperty("name").GetString()));
        var tags = await JsonAsync(lab, "tags", repository);
        Assert.Equal(["1.0", "1.1"], tags.EnumerateArray().Select(item => item.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        var image = await JsonAsync(lab, "inspect", $"{repository}:1.0");
        Assert.Equal(tags[0].GetProperty("digest").GetString(), image.GetProperty("digest").GetString());
        Assert.True((await JsonAsync(lab, "usage")).GetProperty("size").GetInt64() > 0);
        var rehearsal = await JsonAsync(lab, "gc", "--dry-run");
        Assert.True(rehearsal.GetProperty("dryRun").GetBoolean());
        Assert.Equal("done", rehearsal.GetProperty("outcome").GetString());

        var asked = await PaasAsync(lab, "rm", $"{repository}:1.0");
        Assert.Equal((2, $"error: Removing {repository}:1.0 needs a yes, and there is no terminal to ask on. Add --yes to remove it."), (asked.Code, asked.Error.Trim()));
        Assert.Empty((await PaasAsync(lab, "rm", $"{repository}:1.0", "--yes", "--json")).Succeeded().All);
        Assert.Equal("1.1", (await JsonAsync(lab, "tags", repository)).EnumerateArray().Single().GetProperty("name").GetString());
        (await PaasAsync(lab, "rm", repository, "--yes")).Succeeded();
        Assert.Equal(1, (await PaasAsync(lab, "tags", repository)).Code);
    }

    private async Task<JsonElement> JsonAsync(ClientLab lab, params string[] arguments) =>
        JsonDocument.Parse((await PaasAsync(lab, [.. arguments, "--json"])).Succeeded().Output).RootElement;

    private Task<Ended> PaasAsync(ClientLab lab, params string[] arguments) => Command.RunAsync(
        $"{Environment.GetEnvironmentVariable("PAAS_PLATFORM")}/cli/paas",
        ["registry", .. arguments],
        Cancelled,
        lab.Folder,
        new Dictionary<string, string> { ["HOME"] = lab.Folder, ["PAAS_URL"] = platform.Url, ["PAAS_TOKEN"] = platform.Token });
}
