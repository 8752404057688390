using System.Globalization;
using System.Text.RegularExpressions;

namespace Paas.Buildpacks.Toml;

/// <summary>Booleans, numbers, dates and times (TOML 1.0, "Integer" to "Local Time"): each kind is one pattern.</summary>
internal static partial class TomlScalars
{
    [GeneratedRegex("^[+-]?(0|[1-9](_?[0-9])*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Decimal { get; }

    [GeneratedRegex("^0(x[0-9A-Fa-f](_?[0-9A-Fa-f])*|o[0-7](_?[0-7])*|b[01](_?[01])*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Prefixed { get; }

    [GeneratedRegex(@"^[+-]?(0|[1-9](_?[0-9])*)(\.[0-9](_?[0-9])*)?([eE][+-]?[0-9](_?[0-9])*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Float { get; }

    [GeneratedRegex("""
        ^(?<date>(?<year>[0-9]{4})-(?<month>0[1-9]|1[0-2])-(?<day>0[1-9]|[12][0-9]|3[01]))?
        (?(date)(?<both>[Tt\ ])?)
        (?<time>([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?)?
        (?<offset>[Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?$
        """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex DateTimePattern { get; }

    public static object Read(TomlCursor cursor)
    {
        var start = cursor.Position;
        TakeWord(cursor);

        // A date and a time may be parted by one space.
        if (cursor.Current == ' ' && cursor.Position - start == 10 && char.IsAsciiDigit(cursor.Peek(1)) && cursor.From(start)[4] == '-')
        {
            cursor.Position++;
            TakeWord(cursor);
        }

        var word = cursor.From(start);
        return Parse(word) ?? throw cursor.Error(word.Length == 0 ? "expected a value" : $"'{word}' is not a value", start);
    }

    private static void TakeWord(TomlCursor cursor)
    {
        while (char.IsAsciiLetterOrDigit(cursor.Current) || cursor.Current is '_' or '-' or '+' or '.' or ':')
        {
            cursor.Position++;
        }
    }

    private static object? Parse(string word) => word switch
    {
        "true" => true,
        "false" => false,
        "inf" or "+inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" or "+nan" or "-nan" => double.NaN,
        _ when Decimal.IsMatch(word) => Integer(word),
        _ when Prefixed.IsMatch(word) => PrefixedInteger(word),
        _ when Float.IsMatch(word) => double.Parse(Digits(word), NumberStyles.Float, CultureInfo.InvariantCulture),
        _ => Time(word),
    };

    private static string Digits(string word) => word.Replace("_", "", StringComparison.Ordinal);

    /// <summary>Null beyond 64 bits.</summary>
    private static long? Integer(string word) =>
        long.TryParse(Digits(word), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static long? PrefixedInteger(string word)
    {
        var bitsPerDigit = word[1] switch { 'x' => 4, 'o' => 3, _ => 1 };
        UInt128 value = 0;
        foreach (var digit in Digits(word[2..]))
        {
            value = (value << bitsPerDigit) | (uint)Convert.ToInt32(digit.ToString(), 16);
            if (value > long.MaxValue)
            {
                return null;
            }
        }

        return (long)value;
    }

    private static TomlTime? Time(string word)
    {
        var match = DateTimePattern.Match(word);
        if (!match.Success || word.Length == 0)
        {
            return null;
        }

        var (date, both, time, offset) = (Has("date"), Has("both"), Has("time"), Has("offset"));
        if (date && Number("day") > DaysIn(Number("year"), Number("month")))
        {
            return null;
        }

        return (date, both, time, offset) switch
        {
            (true, true, true, true) => new TomlTime(TomlTimeKind.OffsetDateTime, word),
            (true, true, true, false) => new TomlTime(TomlTimeKind.LocalDateTime, word),
            (true, false, false, false) => new TomlTime(TomlTimeKind.LocalDate, word),
            (false, false, true, false) => new TomlTime(TomlTimeKind.LocalTime, word),
            _ => null,
        };

        bool Has(string group) => match.Groups[group].Success;

        int Number(string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
    }

    /// <summary>TOML knows the year 0, which is a leap year as 4 is.</summary>
    private static int DaysIn(int year, int month) => DateTime.DaysInMonth(year == 0 ? 4 : year, month);
}
