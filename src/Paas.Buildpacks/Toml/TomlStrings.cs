using System.Globalization;
using System.Text;

namespace Paas.Buildpacks.Toml;

/// <summary>The four kinds of strings (TOML 1.0, "String").</summary>
internal static class TomlStrings
{
    public static string Read(TomlCursor cursor)
    {
        var text = new StringBuilder();
        var quote = cursor.Current;
        if (cursor.TryTake("\"\"\"") || cursor.TryTake("'''"))
        {
            ReadMultiLine(cursor, quote, text);
        }
        else
        {
            ReadSingleLine(cursor, quote, text);
        }

        return text.ToString();
    }

    private static void ReadSingleLine(TomlCursor cursor, char quote, StringBuilder text)
    {
        cursor.Take(quote);
        while (cursor.Current != quote || cursor.AtEnd)
        {
            cursor.RefuseControl();
            ReadCharacter(cursor, quote, text);
        }

        cursor.Take(quote);
    }

    private static void ReadMultiLine(TomlCursor cursor, char quote, StringBuilder text)
    {
        // A newline right after the opening quotes is not part of the string.
        cursor.TryTakeNewline();
        while (!TryClose(cursor, quote, text))
        {
            var lineStart = cursor.Position;
            if (cursor.TryTakeNewline())
            {
                text.Append(cursor.From(lineStart));
            }
            else if (quote != '"' || !TrySkipLineEndingBackslash(cursor))
            {
                cursor.RefuseControl();
                ReadCharacter(cursor, quote, text);
            }
        }
    }

    /// <summary>Three quotes close the string; up to two more before them belong to it.</summary>
    private static bool TryClose(TomlCursor cursor, char quote, StringBuilder text)
    {
        var count = 0;
        while (count < 5 && cursor.Peek(count) == quote)
        {
            count++;
        }

        if (count < 3)
        {
            return false;
        }

        cursor.Position += count;
        text.Append(quote, count - 3);
        return true;
    }

    /// <summary>A backslash at a line's end swallows all white space up to the next character.</summary>
    private static bool TrySkipLineEndingBackslash(TomlCursor cursor)
    {
        if (cursor.Current != '\\')
        {
            return false;
        }

        var start = cursor.Position++;
        cursor.SkipBlanks();
        if (!cursor.TryTakeNewline())
        {
            cursor.Position = start;
            return false;
        }

        do
        {
            cursor.SkipBlanks();
        }
        while (cursor.TryTakeNewline());
        return true;
    }

    private static void ReadCharacter(TomlCursor cursor, char quote, StringBuilder text)
    {
        var character = cursor.Current;
        cursor.Position++;
        if (character == '\\' && quote == '"')
        {
            ReadEscape(cursor, text);
        }
        else
        {
            text.Append(character);
        }
    }

    private static void ReadEscape(TomlCursor cursor, StringBuilder text)
    {
        var kind = cursor.Current;
        cursor.Position++;
        switch (kind)
        {
            case 'b': text.Append('\b'); break;
            case 't': text.Append('\t'); break;
            case 'n': text.Append('\n'); break;
            case 'f': text.Append('\f'); break;
            case 'r': text.Append('\r'); break;
            case '"': text.Append('"'); break;
            case '\\': text.Append('\\'); break;
            case 'u': ReadScalarValue(cursor, 4, text); break;
            case 'U': ReadScalarValue(cursor, 8, text); break;
            default: throw cursor.Error("unknown escape in a string", cursor.Position - 2);
        }
    }

    private static void ReadScalarValue(TomlCursor cursor, int digits, StringBuilder text)
    {
        var start = cursor.Position;
        for (var i = 0; i < digits && char.IsAsciiHexDigit(cursor.Current); i++)
        {
            cursor.Position++;
        }

        var hex = cursor.From(start);
        if (hex.Length != digits || !Rune.TryCreate(uint.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), out var rune))
        {
            throw cursor.Error("an escape that is no Unicode scalar value", start - 2);
        }

        text.Append(rune);
    }
}
