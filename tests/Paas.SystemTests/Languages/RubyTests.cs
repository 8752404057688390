using Paas.Testing;

namespace Paas.Languages;

/// <summary>Ruby apps, pushed and visited. The gem server may be out of reach: their gems are Debian's, in vendor/cache.</summary>
public sealed class RubyTests(Platform platform)
{
    internal static readonly string[] Gems =
        ["ruby-sinatra", "ruby-rack", "ruby-rack-protection", "ruby-rack-session", "ruby-tilt", "ruby-mustermann", "ruby-ruby2-keywords", "puma", "ruby-nio4r", "ruby-base64"];

    [Fact]
    public async Task Sinatra_is_served_by_puma_with_the_gems_of_the_repository()
    {
        await using var app = await PushedApp.CreateAsync(platform, "ruby-sinatra");
        await DebianFixtures.GemsAsync(Path.Combine(app.Folder, "vendor/cache"), Gems);
        await app.CommitAsync("Gems");
        var cold = (await app.PushAsync()).Succeeded();
        Assert.Contains("Gemfile asks for ~> 3.3.0", cold.Error, StringComparison.Ordinal);
        Assert.Contains("web: puma with config.ru", cold.Error, StringComparison.Ordinal);
        Assert.Equal("hello from Ruby 3.3, production\n", (await app.VisitAsync()).Body);
        Assert.Equal("übergroß\n", (await app.VisitAsync("/größe")).Body);

        var warm = (await app.PushChangeAsync("note.txt", "only code")).Succeeded();
        Assert.Contains("gems: unchanged (kept)", warm.Error, StringComparison.Ordinal);
        await app.RefusesAsync("There is a Gemfile but no Gemfile.lock, so nobody can say which versions to install. Run 'bundle install' and commit Gemfile.lock.", ("Gemfile.lock", null));
    }
}
