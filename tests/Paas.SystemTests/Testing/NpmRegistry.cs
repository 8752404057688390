using System.Net;
using Paas.Builds;

namespace Paas.Testing;

/// <summary>The npm registry that the host's own settings name.</summary>
internal static class NpmRegistry
{
    /// <summary>The first install of a package needs the registry; no later one does.</summary>
    public static async Task SkipWithoutAsync()
    {
        var registry = HostSettings.Read().Variables.GetValueOrDefault("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org").TrimEnd('/');
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            using var answer = await client.GetAsync($"{registry}/ms", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.SkipWhen(answer.StatusCode != HttpStatusCode.OK, $"the npm registry {registry} answers {(int)answer.StatusCode}");
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or TaskCanceledException)
        {
            Assert.Skip($"the npm registry {registry} cannot be reached: {unreachable.Message}");
        }
    }
}
