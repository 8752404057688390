using System.Text;

namespace Paas.Buildpacks.Toml;

/// <summary>Reads TOML 1.0. (Written here because the package feed that builds must work with has no TOML library.)</summary>
public sealed class TomlReader
{
    /// <summary>Deeper nesting is refused, each part of a dotted key counts: the text may come from a stranger, and who reads tables recurses.</summary>
    private const int MaxDepth = 100;

    private readonly TomlCursor _cursor;
    private int _sections;
    private int _section;
    private int _depth;

    private TomlReader(string text) => _cursor = new TomlCursor(text);

    /// <exception cref="TomlException">Not TOML 1.0.</exception>
    public static TomlTable Parse(ReadOnlySpan<byte> utf8)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8);
        }
        catch (DecoderFallbackException exception)
        {
            var before = Encoding.UTF8.GetString(utf8[..Math.Max(0, exception.Index)]);
            throw new TomlCursor(before).Error("the text is not UTF-8", before.Length);
        }

        return Parse(text);
    }

    /// <exception cref="TomlException">Not TOML 1.0.</exception>
    public static TomlTable Parse(string text) => new TomlReader(text.StartsWith('\uFEFF') ? text[1..] : text).ReadDocument();

    private TomlTable ReadDocument()
    {
        var root = new TomlTable { Origin = TomlTableOrigin.Header, Source = _cursor };
        var current = root;
        while (true)
        {
            _cursor.SkipLines();
            if (_cursor.AtEnd)
            {
                return root;
            }

            if (_cursor.Current == '[')
            {
                current = ReadHeader(root);
            }
            else
            {
                ReadKeyValue(current);
            }

            _cursor.TakeLineEnd();
        }
    }

    private TomlTable ReadHeader(TomlTable root)
    {
        _section = ++_sections;
        var ofArray = _cursor.TryTake("[[");
        if (!ofArray)
        {
            _cursor.Take('[');
        }

        _cursor.SkipBlanks();
        var at = _cursor.Position;
        var key = ReadKey();
        _cursor.Take(']');
        if (ofArray)
        {
            _cursor.Take(']');
        }

        var parent = root;
        foreach (var part in key[..^1])
        {
            parent = Descend(parent, part, at);
        }

        return ofArray ? AppendTable(parent, key[^1], at) : DefineTable(parent, key[^1], at);
    }

    /// <summary>Into a table on a header's way; in an array of tables that is its last one.</summary>
    private TomlTable Descend(TomlTable table, string part, int at)
    {
        if (!table.TryGet(part, out var value))
        {
            value = NewTable(TomlTableOrigin.Implicit);
            table.Add(part, value, at);
        }

        return value switch
        {
            TomlTable { Origin: not TomlTableOrigin.Inline } next => next,
            TomlArray { OfHeaders: true } array => (TomlTable)array[^1],
            _ => throw _cursor.Error($"'{part}' is not a table that a header can go into", at),
        };
    }

    private TomlTable DefineTable(TomlTable parent, string name, int at)
    {
        if (!parent.TryGet(name, out var existing))
        {
            existing = NewTable(TomlTableOrigin.Implicit);
            parent.Add(name, existing, at);
        }

        if (existing is not TomlTable { Origin: TomlTableOrigin.Implicit } table)
        {
            throw _cursor.Error($"'{name}' is already defined", at);
        }

        table.Origin = TomlTableOrigin.Header;
        table.Offset = at;
        return table;
    }

    private TomlTable AppendTable(TomlTable parent, string name, int at)
    {
        if (!parent.TryGet(name, out var existing))
        {
            existing = new TomlArray { OfHeaders = true };
            parent.Add(name, existing, at);
        }

        if (existing is not TomlArray { OfHeaders: true } array)
        {
            throw _cursor.Error($"'{name}' is already defined and no array of tables", at);
        }

        var table = NewTable(TomlTableOrigin.Header);
        table.Offset = at;
        array.Add(table);
        return table;
    }

    private TomlTable NewTable(TomlTableOrigin origin) => new() { Origin = origin, Source = _cursor, Offset = _cursor.Position };

    private void ReadKeyValue(TomlTable table)
    {
        _cursor.SkipBlanks();
        var at = _cursor.Position;
        var key = ReadKey();
        _cursor.Take('=');
        _cursor.SkipBlanks();
        _depth += key.Count - 1;
        var value = ReadValue();
        _depth -= key.Count - 1;
        foreach (var part in key[..^1])
        {
            table = ExtendDotted(table, part, at);
        }

        if (table.TryGet(key[^1], out _))
        {
            throw _cursor.Error($"'{key[^1]}' is already defined", at);
        }

        table.Add(key[^1], value, at);
    }

    private TomlTable ExtendDotted(TomlTable table, string part, int at)
    {
        if (!table.TryGet(part, out var value))
        {
            value = NewTable(TomlTableOrigin.Dotted);
            ((TomlTable)value).Section = _section;
            table.Add(part, value, at);
        }

        switch (value)
        {
            case TomlTable { Origin: TomlTableOrigin.Implicit } next:
                next.Origin = TomlTableOrigin.Dotted;
                next.Section = _section;
                return next;
            case TomlTable { Origin: TomlTableOrigin.Dotted } next when next.Section == _section:
                return next;
            default:
                throw _cursor.Error($"'{part}' cannot be extended by a dotted key", at);
        }
    }

    private List<string> ReadKey()
    {
        List<string> parts = [];
        do
        {
            _cursor.SkipBlanks();
            parts.Add(ReadKeyPart());
            _cursor.SkipBlanks();
        }
        while (_cursor.TryTake("."));
        return parts.Count <= MaxDepth ? parts : throw _cursor.Error("nested too deep");
    }

    private string ReadKeyPart()
    {
        if (_cursor.Current is '"' or '\'')
        {
            return _cursor.At("\"\"\"") || _cursor.At("'''")
                ? throw _cursor.Error("a key cannot be a multi-line string")
                : TomlStrings.Read(_cursor);
        }

        var start = _cursor.Position;
        while (char.IsAsciiLetterOrDigit(_cursor.Current) || _cursor.Current is '_' or '-')
        {
            _cursor.Position++;
        }

        return _cursor.Position > start ? _cursor.From(start) : throw _cursor.Error("expected a key");
    }

    private object ReadValue()
    {
        if (++_depth > MaxDepth)
        {
            throw _cursor.Error("nested too deep");
        }

        object value = _cursor.Current switch
        {
            '"' or '\'' => TomlStrings.Read(_cursor),
            '[' => ReadArray(),
            '{' => ReadInlineTable(),
            _ => TomlScalars.Read(_cursor),
        };
        _depth--;
        return value;
    }

    private TomlArray ReadArray()
    {
        var array = new TomlArray();
        _cursor.Take('[');
        while (true)
        {
            _cursor.SkipLines();
            if (_cursor.TryTake("]"))
            {
                return array;
            }

            array.Add(ReadValue());
            _cursor.SkipLines();
            if (_cursor.Current != ']')
            {
                _cursor.Take(',');
            }
        }
    }

    /// <summary>On one line and without a trailing comma, as TOML 1.0 has it. It is a section of its own: dotted keys inside do not
    /// reach tables outside.</summary>
    private TomlTable ReadInlineTable()
    {
        var table = NewTable(TomlTableOrigin.Inline);
        var outer = _section;
        _section = ++_sections;
        _cursor.Take('{');
        _cursor.SkipBlanks();
        if (!_cursor.TryTake("}"))
        {
            do
            {
                ReadKeyValue(table);
                _cursor.SkipBlanks();
            }
            while (_cursor.TryTake(","));
            _cursor.Take('}');
        }

        _section = outer;
        return Seal(table);
    }

    private static TomlTable Seal(TomlTable table)
    {
        table.Origin = TomlTableOrigin.Inline;
        foreach (var (_, value) in table)
        {
            if (value is TomlTable { Origin: TomlTableOrigin.Dotted } inner)
            {
                Seal(inner);
            }
        }

        return table;
    }
}
