using System.Globalization;

namespace Paas.Dashboard.Controls;

/// <summary>Times, durations and sizes as people read them, the same on every page.</summary>
public static class Say
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>"just now", "4 min ago", "3 h ago", "2 d ago", then the date.</summary>
    public static string Ago(DateTimeOffset at, DateTimeOffset now) => (now - at) switch
    {
        { TotalSeconds: < 10 } => "just now",
        { TotalSeconds: < 60 } passed => string.Create(Plain, $"{(int)passed.TotalSeconds} s ago"),
        { TotalMinutes: < 60 } passed => string.Create(Plain, $"{(int)passed.TotalMinutes} min ago"),
        { TotalHours: < 24 } passed => string.Create(Plain, $"{(int)passed.TotalHours} h ago"),
        { TotalDays: < 30 } passed => string.Create(Plain, $"{(int)passed.TotalDays} d ago"),
        _ => at.ToString("d MMM yyyy", Plain),
    };

    /// <summary>"2026-11-21 14:02:31 UTC".</summary>
    public static string Exact(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", Plain);

    /// <summary>"0.4 s", "1.4 s", "42 s", "2 min 3 s", "1 h 5 min", "3 d 2 h".</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 9.95 } => string.Create(Plain, $"{Math.Max(0, time.TotalSeconds):0.0} s"),
        { TotalSeconds: < 59.5 } => string.Create(Plain, $"{time.TotalSeconds:0} s"),
        { TotalMinutes: < 60 } => string.Create(Plain, $"{(int)time.TotalMinutes} min {time.Seconds} s"),
        { TotalHours: < 24 } => string.Create(Plain, $"{(int)time.TotalHours} h {time.Minutes} min"),
        _ => string.Create(Plain, $"{(int)time.TotalDays} d {time.Hours} h"),
    };

    /// <summary>"83.0 MB", "1.2 GB"; a MB is 1024 * 1024 bytes, as memory limits count.</summary>
    public static string Megabytes(double megabytes) => megabytes < 1024
        ? string.Create(Plain, $"{megabytes:0.0} MB")
        : string.Create(Plain, $"{megabytes / 1024:0.0} GB");

    /// <summary>A whole number of bytes: "512 bytes", "3.4 KB", then as <see cref="Megabytes"/>.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        1 => "1 byte",
        < 1024 => string.Create(Plain, $"{bytes} bytes"),
        < 1024 * 1024 => string.Create(Plain, $"{bytes / 1024.0:0.0} KB"),
        _ => Megabytes(bytes / 1024.0 / 1024.0),
    };

    /// <summary>"1 app", "2 apps".</summary>
    public static string Count(int number, string one, string? many = null) => string.Create(Plain, $"{number} {(number == 1 ? one : many ?? one + "s")}");

    /// <summary>12 characters of a digest, without its algorithm; 7 of a commit are <see cref="Commit"/>.</summary>
    public static string Digest(string digest) => digest[(digest.IndexOf(':', StringComparison.Ordinal) + 1)..] is var hex && hex.Length > 12 ? hex[..12] : hex;

    public static string Commit(string commit) => commit.Length > 7 ? commit[..7] : commit;
}
