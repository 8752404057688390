using System.Collections.Immutable;
using Paas.Client;

namespace Paas.Dashboard.Live;

/// <summary>All apps of a team at one moment.</summary>
/// <param name="Apps">By name.</param>
/// <param name="Changes">How many events there were about each app; an app's own count tells whether something loaded earlier is stale.</param>
public sealed record FeedState(ImmutableSortedDictionary<string, AppView> Apps, ImmutableDictionary<string, long> Changes)
{
    /// <summary>Told since the last "ready".</summary>
    private ImmutableHashSet<string> Seen { get; init; } = [];

    public static FeedState Empty { get; } = new(
        ImmutableSortedDictionary<string, AppView>.Empty.WithComparers(StringComparer.Ordinal), ImmutableDictionary<string, long>.Empty.WithComparers(StringComparer.Ordinal));

    public long ChangesOf(string app) => Changes.GetValueOrDefault(app);

    /// <summary>"State first, then ready": at ready, an app that was not told since the connection began is gone.</summary>
    public FeedState With(EventView view) => view switch
    {
        { Kind: "ready" } => this with { Apps = Apps.RemoveRange(Apps.Keys.Where(name => !Seen.Contains(name))), Seen = [] },
        { Kind: "app", App: { } name, AppState: { } app } => Counted(name) with { Apps = Apps.SetItem(name, app), Seen = Seen.Add(name) },
        { Kind: "app.gone", App: { } name } => Counted(name) with { Apps = Apps.Remove(name), Seen = Seen.Remove(name) },
        { App: { } name } => Counted(name),
        _ => this,
    };

    private FeedState Counted(string app) => this with { Changes = Changes.SetItem(app, ChangesOf(app) + 1) };
}
