using System.Globalization;
using System.Text;

namespace Paas.Engine;

/// <param name="Type">Null: every process type.</param>
/// <param name="Index">Null: every instance of the type.</param>
/// <param name="Tail">How many of the newest lines come first; of a query with a place to begin at, how many lines unless it follows.</param>
/// <param name="Since">Only lines after this time; null: all that are kept.</param>
public sealed record LogQuery(string App, string? Type, int? Index, int Tail, bool Follow, DateTimeOffset? Since)
{
    /// <summary>Begin behind what a reader had when it was given this cursor.</summary>
    public LogCursor? After { get; init; }

    /// <summary>Begin with this line.</summary>
    public LogPosition? From { get; init; }

    /// <summary>Only lines before this one; such a query does not follow.</summary>
    public LogPosition? Before { get; init; }
}

/// <param name="Source">"web.1", or "platform" where the engine says that lines are missing.</param>
/// <param name="Error">Came from stderr.</param>
public sealed record LogLine(DateTimeOffset At, string Source, int Release, bool Error, string Text)
{
    /// <summary>Names the line as long as it is kept.</summary>
    public LogPosition Position { get; init; }

    /// <summary>What the reader has with this line; null from an engine that cannot resume.</summary>
    public LogCursor? Cursor { get; init; }
}

/// <summary>A place in what an instance wrote: its files are numbered from 1 and never renumbered, also when older ones are gone.</summary>
/// <param name="Offset">In bytes; of a line, behind its end.</param>
public readonly record struct LogPlace(int File, long Offset) : IComparable<LogPlace>
{
    public int CompareTo(LogPlace other) => File != other.File ? File.CompareTo(other.File) : Offset.CompareTo(other.Offset);

    public static bool operator <(LogPlace one, LogPlace other) => one.CompareTo(other) < 0;

    public static bool operator >(LogPlace one, LogPlace other) => one.CompareTo(other) > 0;

    public static bool operator <=(LogPlace one, LogPlace other) => one.CompareTo(other) <= 0;

    public static bool operator >=(LogPlace one, LogPlace other) => one.CompareTo(other) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Offset}");

    public static bool TryParse(ReadOnlySpan<char> text, out LogPlace place)
    {
        place = default;
        if (text.IndexOf(':') is not (> 0 and var colon)
            || !int.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var file)
            || !long.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            return false;
        }

        place = new LogPlace(file, offset);
        return true;
    }
}

/// <summary>One line among all of an app: "v3.web.1:17:4093:8de2...", which is instance, file, end in it, and the time in ticks (hexadecimal).
/// Lines of one instance are ordered by place, those of several by time.</summary>
/// <param name="Instance">"v3.web.1".</param>
public readonly record struct LogPosition(string Instance, LogPlace Place, DateTimeOffset At)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Instance}:{Place}:{At.UtcTicks:x}");

    public static LogPosition? Parse(string text)
    {
        var (first, last) = (text.IndexOf(':', StringComparison.Ordinal), text.LastIndexOf(':'));
        return first > 0 && last > first && LogPlace.TryParse(text.AsSpan(first + 1, last - first - 1), out var place)
            && LogCursor.ParseTime(text.AsSpan(last + 1)) is { } at
            ? new LogPosition(text[..first], place, at)
            : null;
    }
}

/// <summary>What a reader of several instances has: of those that wrote lately how far, of all others everything up to a time.
/// As text "8de2...~v3.web.1:17:4093~v3.web.2:1:77": it fits into the id of a server-sent event.</summary>
/// <param name="Horizon">Lines of an instance without a place are had up to this time.</param>
public sealed record LogCursor(DateTimeOffset Horizon, IReadOnlyDictionary<string, LogPlace> Places)
{
    /// <summary>So long before the newest line an instance's place is still told: lines of several arrive out of order, but not by this much.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromMinutes(1);

    private const int MostPlaces = 10_000;

    public override string ToString()
    {
        var text = new StringBuilder(64).Append(CultureInfo.InvariantCulture, $"{Horizon.UtcTicks:x}");
        foreach (var (instance, place) in Places)
        {
            text.Append('~').Append(instance).Append(':').Append(place);
        }

        return text.ToString();
    }

    /// <summary>Null when it is none: then a reader begins anew.</summary>
    public static LogCursor? Parse(string text)
    {
        var parts = text.Split('~');
        if (parts.Length > MostPlaces || ParseTime(parts[0]) is not { } horizon)
        {
            return null;
        }

        Dictionary<string, LogPlace> places = [];
        foreach (var part in parts.Skip(1))
        {
            if (part.IndexOf(':', StringComparison.Ordinal) is not (> 0 and var colon) || !LogPlace.TryParse(part.AsSpan(colon + 1), out var place))
            {
                return null;
            }

            places[part[..colon]] = place;
        }

        return new LogCursor(horizon, places);
    }

    internal static DateTimeOffset? ParseTime(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var ticks) && ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : null;
}
