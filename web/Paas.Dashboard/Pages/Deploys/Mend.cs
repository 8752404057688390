using Paas.Client;
using Paas.Dashboard.Layout;

namespace Paas.Dashboard.Pages.Deploys;

/// <summary>Where what failed can be mended: rooms of the app that exist.</summary>
public static class Mend
{
    /// <returns>Most likely first; two at most.</returns>
    public static IReadOnlyList<Place> PlacesFor(string app, DeployFailure failure)
    {
        var rooms = Rooms.OfApp(app).Select(room => room.Address).ToHashSet(StringComparer.Ordinal);
        return [.. Likely(failure).Select(place => place with { Address = $"/apps/{app}/{place.Address}" }).Where(place => rooms.Contains(place.Address)).Take(2)];
    }

    private static IEnumerable<Place> Likely(DeployFailure failure)
    {
        var said = failure.Cause;
        if (Has("out of memory"))
        {
            yield return new("Give it more memory", "instances");
        }

        if (failure.Phase == "start" && (Has(" answers ") || Has("does not answer") || Has("did not listen")))
        {
            yield return new("Health check settings", "settings");
        }

        if (Has("stopped after its limit"))
        {
            yield return new("Build time limit", "settings");
        }

        if (failure.Phase is "start" or "release")
        {
            yield return new("Config vars", "config");
        }

        if (failure.Phase is "start")
        {
            yield return new("Logs", "logs");
        }

        bool Has(string part) => said.Contains(part, StringComparison.Ordinal);
    }

    /// <param name="Address">Of the room, "/apps/hello/settings".</param>
    public sealed record Place(string Text, string Address);
}
