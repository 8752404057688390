using System.Reflection;
using Microsoft.AspNetCore.Components;
using Microsoft.Playwright;
using Paas.Dashboard.Layout;
using Paas.Testing;

namespace Paas.Dashboard;

/// <summary>Each place of the dashboard, with an app that has lived: as it looks at both widths and in both themes.</summary>
public sealed class PlacesTests(Platform platform, Browser browser) : BrowserTests(platform, browser)
{
    /// <summary>Where else one can be than in the rooms that the navigation names; {App} is the app.</summary>
    private static readonly (string Name, string Place)[] Others =
    [
        ("app-new", "/apps/new"),
        ("deploy", "/apps/{App}/deploys/1"),
        ("deploy-failed", "/apps/{App}/deploys/3"),
        ("release", "/apps/{App}/releases/2"),
        ("rollback", "/apps/{App}/releases/1/rollback"),
        ("repository", "/registry/{App}"),
        ("image", "/registry/{App}:v1"),
        ("packages", "/packages"),
        ("guide", "/docs/quickstart"),
        ("app-gone", "/apps/never-was"),
        ("not-found", "/nowhere"),
    ];

    [Fact]
    public async Task Every_place_can_be_read_by_all_at_both_widths_and_in_both_themes()
    {
        await using var app = await LivedAsync();
        var viewer = await SignedInAsync();
        viewer.Expect("the server responded with a status of 404");
        var rooms = Rooms.OfPlatform.Concat(Rooms.OfApp("{App}")).Select(room => (Name: $"{(room.IsOfApp ? "app-" : "")}{room.Title.ToLowerInvariant()}", Place: room.Address));
        var places = rooms.Concat(Others).ToList();
        var wrong = new List<string>();
        foreach (var (name, place) in places)
        {
            await viewer.GoAsync(place.Replace("{App}", app.Name, StringComparison.Ordinal));
            await Assertions.Expect(viewer.Page.GetByRole(AriaRole.Status, new() { Name = "Loading" })).ToHaveCountAsync(0);
            wrong.AddRange(await Look.AtAsync(viewer.Page, name));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.All(Templates(), template => Assert.Contains(places, place => Fits(template, place.Place)));
    }

    /// <summary>v1 and v2 served, v3 did not come up.</summary>
    private async Task<PushedApp> LivedAsync()
    {
        var app = await PushedApp.LiveAsync(Platform, "answers");
        await app.SetAsync(("GREETING", "Good day"), ("DATABASE_URL", "postgres://shop:secret@db/shop"));
        await app.PushChangeAsync("Procfile", "web: echo no database >&2; exit 3\n");
        return app;
    }

    /// <summary>Every page's address, so that none is forgotten here.</summary>
    private static IEnumerable<string> Templates() =>
        from page in typeof(Rooms).Assembly.GetTypes()
        from route in page.GetCustomAttributes<RouteAttribute>()
        where route.Template != "/not-found"
        select route.Template;

    /// <summary>Whether the template is this place's: a parameter stands for one part, and one with an asterisk for all that follow.</summary>
    private static bool Fits(string template, string place)
    {
        var (asked, given) = (template.Split('/'), place.Split('/'));
        var rest = Array.FindIndex(asked, part => part.StartsWith("{*", StringComparison.Ordinal));
        return (rest < 0 ? asked.Length == given.Length : given.Length > rest)
            && asked.Take(rest < 0 ? asked.Length : rest).Zip(given).All(pair => pair.First == pair.Second || pair.First.Contains(':', StringComparison.Ordinal));
    }
}
