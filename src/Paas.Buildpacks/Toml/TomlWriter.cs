using System.Globalization;
using System.Text;

namespace Paas.Buildpacks.Toml;

/// <summary>Writes a table as TOML 1.0 that also the launcher's small reader understands: scalars first, then [tables] and
/// [[arrays of tables]], only basic strings, nothing dotted.</summary>
public static class TomlWriter
{
    public static string Write(TomlTable table)
    {
        var text = new StringBuilder();
        WriteTable(table, [], text);
        return text.ToString();
    }

    /// <summary>A basic string with its quotes.</summary>
    public static string Quote(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var character in value)
        {
            text.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '\x7f' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}"),
                _ => character.ToString(),
            });
        }

        return text.Append('"').ToString();
    }

    private static void WriteTable(TomlTable table, IReadOnlyList<string> path, StringBuilder text)
    {
        foreach (var (key, value) in table)
        {
            if (!IsSection(value))
            {
                text.Append(Key(key)).Append(" = ").Append(Inline(value)).Append('\n');
            }
        }

        foreach (var (key, value) in table)
        {
            IReadOnlyList<string> inner = [.. path, Key(key)];
            var header = string.Join('.', inner);
            if (value is TomlTable one)
            {
                Separate(text).Append('[').Append(header).Append("]\n");
                WriteTable(one, inner, text);
            }
            else if (IsSection(value))
            {
                foreach (var item in (TomlArray)value)
                {
                    Separate(text).Append("[[").Append(header).Append("]]\n");
                    WriteTable((TomlTable)item, inner, text);
                }
            }
        }
    }

    private static StringBuilder Separate(StringBuilder text) => text.Length == 0 ? text : text.Append('\n');

    private static bool IsSection(object value) =>
        value is TomlTable || value is TomlArray { Count: > 0 } array && array.All(item => item is TomlTable);

    private static string Key(string key) =>
        key.Length > 0 && key.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-') ? key : Quote(key);

    private static string Inline(object value) => value switch
    {
        string text => Quote(text),
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double.NaN => "nan",
        double.PositiveInfinity => "inf",
        double.NegativeInfinity => "-inf",
        double number => Float(number.ToString("R", CultureInfo.InvariantCulture)),
        TomlTime time => time.Text,
        TomlArray array => $"[{string.Join(", ", array.Select(Inline))}]",
        TomlTable table => table.Count == 0 ? "{}" : $"{{ {string.Join(", ", table.Select(pair => $"{Key(pair.Key)} = {Inline(pair.Value)}"))} }}",
        _ => throw new ArgumentException($"A TOML value cannot be a {value.GetType().Name}.", nameof(value)),
    };

    /// <summary>A float without point or exponent would come back as an integer; "1E+20" is TOML as it stands.</summary>
    private static string Float(string text) => text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
}
