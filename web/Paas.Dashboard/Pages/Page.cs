using Microsoft.AspNetCore.Components;

namespace Paas.Dashboard.Pages;

/// <summary>How far a page has come: what WhenLoaded needs of it.</summary>
public abstract class Page : ComponentBase
{
    public abstract bool IsLoaded { get; }

    /// <summary>Why it could not load, or not load again; null when all is well.</summary>
    public Exception? Error { get; protected set; }

    /// <summary>The page's app when there is no such app (any more); null when all is well.</summary>
    public string? GoneApp { get; protected set; }

    /// <summary>What <see cref="GoneApp"/> is called now; null when that is not known.</summary>
    public string? NewName { get; protected set; }

    /// <summary>Loads again: after an action, or when the user asks.</summary>
    public abstract Task ReloadAsync();
}
