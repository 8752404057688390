using System.Globalization;

namespace Paas.Cli;

/// <summary>Times, sizes and states in words.</summary>
internal static class Words
{
    /// <summary>"just now", "12 s ago", "4 min ago", "2 h ago", "3 days ago", then the date.</summary>
    public static string Ago(DateTimeOffset at, DateTimeOffset now) => (now - at) switch
    {
        { TotalSeconds: < 5 } => "just now",
        { TotalSeconds: < 60 } span => Text($"{(int)span.TotalSeconds} s ago"),
        { TotalMinutes: < 60 } span => Text($"{(int)span.TotalMinutes} min ago"),
        { TotalHours: < 24 } span => Text($"{(int)span.TotalHours} h ago"),
        { TotalDays: < 2 } => "1 day ago",
        { TotalDays: < 30 } span => Text($"{(int)span.TotalDays} days ago"),
        _ => at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    };

    /// <summary>"1.4 s", "2 min 3 s".</summary>
    public static string Seconds(double seconds) => seconds < 60
        ? Text($"{seconds:0.0} s")
        : Text($"{(int)seconds / 60} min {(int)seconds % 60} s");

    /// <summary>"512 MB", "1.5 GB".</summary>
    public static string Megabytes(double megabytes) => megabytes >= 1024 ? Text($"{megabytes / 1024:0.#} GB") : Text($"{megabytes:0.#} MB");

    /// <summary>"512 bytes", "3.4 KB", "83.1 MB", "1.2 GB".</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        1 => "1 byte",
        < 1 << 10 => Text($"{bytes} bytes"),
        < 1 << 20 => Text($"{bytes / 1024.0:0.0} KB"),
        < 1 << 30 => Text($"{bytes / 1048576.0:0.0} MB"),
        _ => Text($"{bytes / 1073741824.0:0.0} GB"),
    };

    public static string Version(int? release) => release is { } number ? Text($"v{number}") : "";

    public static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The first 12 characters of the digest's hash or of the commit.</summary>
    public static string Short(string? id) => id is null ? "" : id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..] is { Length: > 12 } longer ? longer[..12] : id;

    /// <summary>The line with its state word in the state's colour: never colour alone, the word stays.</summary>
    public static string Coloured(string line, IReadOnlyList<string> cells)
    {
        foreach (var cell in cells)
        {
            if (ColourOf(cell) is { } colour && line.IndexOf($" {cell} ", StringComparison.Ordinal) is var at and >= 0)
            {
                return $"{line[..(at + 1)]}\e[{colour}m{cell}\e[0m{line[(at + 1 + cell.Length)..]}";
            }
        }

        return line;
    }

    private static string? ColourOf(string state) => state switch
    {
        "live" => "32",
        "deploying" or "building" or "releasing" or "starting" => "34",
        "degraded" or "restarting" or "interrupted" => "33",
        "down" or "failed" => "31",
        "sleeping" or "empty" or "cancelled" or "superseded" or "stopping" => "90",
        _ => null,
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
