using Paas.Testing;

namespace Paas.Languages;

/// <summary>Programs of Debian beside an app, by an Aptfile.</summary>
public sealed class AptTests(Platform platform)
{
    [Fact]
    public async Task A_program_of_an_Aptfile_runs_in_the_app_and_a_name_that_debian_has_not_is_refused()
    {
        await using var app = await PushedApp.CreateAsync(platform, "apt-tree");
        var push = await app.PushAsync();
        Assert.SkipWhen(push.Error.Contains("Push again when the mirror answers", StringComparison.Ordinal), "no mirror of Debian answers");
        push.Succeeded();
        Assert.StartsWith("tree v2", (await app.VisitAsync()).Body, StringComparison.Ordinal);

        var refused = await app.PushChangeAsync("Aptfile", "tree\nno-such-package-anywhere\n");
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("no-such-package-anywhere", refused.Error, StringComparison.Ordinal);
        Assert.StartsWith("tree v2", (await app.VisitAsync()).Body, StringComparison.Ordinal);
    }
}
