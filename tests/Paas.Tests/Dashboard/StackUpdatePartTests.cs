using Paas.Client;
using Paas.Dashboard.Pages.Stack;

namespace Paas.Dashboard;

public sealed class StackUpdatePartTests
{
    [Theory]
    [InlineData(null, "1 running", "1 running")]
    [InlineData("1 running", null, "1 running")]
    [InlineData("1 running", "1 done", "1 done")]
    [InlineData("1 done", "2 running", "2 running")]
    // Asked for before the end, and answered after it: the page would show an update that is over as under way for ever.
    [InlineData("1 done", "1 running", "1 done")]
    public void What_is_newer_is_shown(string? followed, string? loaded, string shown)
    {
        var newer = StackUpdatePart.Newer(Of(followed), Of(loaded))!;
        Assert.Equal(shown, $"{newer.Id} {newer.State}");
    }

    private static StackUpdateView? Of(string? words) => words?.Split(' ') is [var id, var state]
        ? new StackUpdateView(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture), state, null, "ada", default, null, null, null, null, [], [], [], null)
        : null;
}
