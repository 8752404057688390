using System.Globalization;

namespace Paas.Engine.Native;

/// <summary>Limits as people read them: "512 MB", "1 GB", "15 min".</summary>
internal static class Amount
{
    private const long Megabyte = 1024 * 1024;

    /// <param name="bytes">MB and GB are powers of 1024, as in the size options.</param>
    public static string Of(long bytes) => bytes switch
    {
        >= 1024 * Megabyte when bytes % (1024 * Megabyte) == 0 => Text(bytes / (1024 * Megabyte), "GB"),
        >= 1024 * Megabyte => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * Megabyte):0.#} GB"),
        >= Megabyte => Text(bytes / Megabyte, "MB"),
        _ => Text(bytes / 1024, "KB"),
    };

    public static string Of(TimeSpan time) =>
        time.TotalMinutes >= 2 ? Text((long)time.TotalMinutes, "min")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");

    private static string Text(long number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number} {unit}");
}
