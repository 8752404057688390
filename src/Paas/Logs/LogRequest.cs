namespace Paas.Logs;

/// <summary>What one may ask of an app's log.</summary>
internal sealed class LogRequest
{
    public string App { get; init; } = "";

    /// <summary>Process type; null: every one.</summary>
    public string? Type { get; init; }

    /// <summary>Of the type; null: every instance.</summary>
    public int? Index { get; init; }

    /// <summary>How many of the newest lines come first, or how many in all when it begins at a place and does not follow: 0 to 10,000, 100 when absent.</summary>
    public int? Num { get; init; }

    public bool? Follow { get; init; }

    /// <summary>Only what came after this time.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The lines before this one; a line's id.</summary>
    public string? Before { get; init; }

    /// <summary>This line and those behind it; a line's id.</summary>
    public string? From { get; init; }
}
