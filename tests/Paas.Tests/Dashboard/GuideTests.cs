using System.Text.RegularExpressions;
using Paas.Dashboard.Pages.Guides;

namespace Paas.Dashboard;

public sealed partial class GuideTests
{
    [GeneratedRegex(@"\]\((/docs[^)#]*)")]
    private static partial Regex OwnLinks { get; }

    [Fact]
    public void The_first_line_is_the_title_and_links_lead_to_the_guides_addresses()
    {
        var guide = Guide.Of("operations/network", "# Network\nSee [pushing](../push.md#tags), [notes](notes.md), [the site](https://example.org/a.md).\n![Apps](../images/apps.png)", path => path == "push");

        Assert.Equal("Network", guide.Title);
        Assert.Equal("See [pushing](/docs/push#tags), [notes](/docs/), [the site](https://example.org/a.md).\n![Apps](/lib/docs/apps.png)", guide.Text);
    }

    [Fact]
    public void Every_link_of_the_contents_leads_to_a_page()
    {
        var contents = Guide.Find(Guide.Contents)!;
        var links = OwnLinks.Matches(contents.Text).Select(link => link.Groups[1].Value).Where(address => address != "/docs/").ToList();

        Assert.Contains("/docs/quickstart", links);
        Assert.All(links, address => Assert.NotNull(Guide.Find(address["/docs/".Length..])));
        Assert.Null(Guide.Find("decisions/two-processes"));
        Assert.Null(Guide.Find("../README"));
    }
}
