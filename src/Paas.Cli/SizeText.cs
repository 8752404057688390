using System.Globalization;

namespace Paas.Cli;

/// <summary>Sizes, counts, durations and numbers as they are typed.</summary>
internal static class SizeText
{
    /// <summary>"512M", "512MB", "1G", "1.5G", "512": megabytes.</summary>
    /// <exception cref="CliError">It is none of these.</exception>
    public static int ParseMegabytes(string text)
    {
        var bare = text.Trim().ToUpperInvariant().TrimEnd('B').TrimEnd('I');
        var factor = bare is [.., 'G'] ? 1024 : 1;
        return decimal.TryParse(bare.TrimEnd('G', 'M'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0 && number < 1_048_576
            ? (int)Math.Round(number * factor)
            : throw CliError.Usage($"'{text}' is not an amount of memory. Examples: 512M, 1G");
    }

    /// <summary>"web=2": type and count.</summary>
    /// <exception cref="CliError">It is not type=count.</exception>
    public static (string Type, int Count) ParseScale(string text) =>
        text.Split('=', 2) is [{ Length: > 0 } type, var count] && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (type, number)
            : throw CliError.Usage($"'{text}' does not say how many of what. Example: paas ps scale web=2");

    /// <summary>"v12" or "12".</summary>
    /// <exception cref="CliError">It is neither.</exception>
    public static int ParseNumber(string text, string example) =>
        int.TryParse(text.AsSpan().TrimStart('v'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw CliError.Usage($"'{text}' is not a number. Example: {example}");

    /// <summary>"90", "90s", "15m", "1h": seconds.</summary>
    /// <exception cref="CliError">It is none of these.</exception>
    public static int ParseSeconds(string text)
    {
        var factor = text is [.., 'm'] ? 60 : text is [.., 'h'] ? 3600 : 1;
        return int.TryParse(text.AsSpan().TrimEnd("smh"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1_000_000
            ? number * factor
            : throw CliError.Usage($"'{text}' is not a duration. Examples: 90, 90s, 15m");
    }
}
