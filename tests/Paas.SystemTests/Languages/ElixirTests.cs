using Paas.Testing;

namespace Paas.Languages;

/// <summary>An Elixir app without packages, for hex.pm may be out of reach.</summary>
public sealed class ElixirTests(Platform platform)
{
    [Fact]
    public async Task A_release_runs_without_Elixir_beside_it()
    {
        await using var app = await PushedApp.CreateAsync(platform, "elixir-plain");
        var push = (await app.PushAsync()).Succeeded();
        Assert.Contains("Elixir 1.18", push.Error, StringComparison.Ordinal);
        Assert.Contains("web: hello start", push.Error, StringComparison.Ordinal);
        Assert.StartsWith("hello from Elixir 1.18", (await app.VisitAsync()).Body, StringComparison.Ordinal);
        await app.RefusesAsync(
            "mix.exs has packages but there is no mix.lock, so nobody can say which versions to install. Run 'mix deps.get' and commit mix.lock.",
            app.Edited("mix.exs", "deps: []", "deps: [\n      {:plug, \"~> 1.16\"}\n    ]"));
    }
}
