using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Paas.Buildpacks.Toml;

/// <summary>A TOML table in the order it was written. Its values are string, long, double, bool, <see cref="TomlTime"/>,
/// <see cref="TomlArray"/> and <see cref="TomlTable"/>.</summary>
public sealed class TomlTable : IReadOnlyCollection<KeyValuePair<string, object>>
{
    private readonly OrderedDictionary<string, object> _values = new(StringComparer.Ordinal);
    private Dictionary<string, int>? _offsets;

    internal TomlTableOrigin Origin { get; set; } = TomlTableOrigin.Implicit;

    /// <summary>Which section's dotted keys made this table: only they may extend it.</summary>
    internal int Section { get; set; }

    /// <summary>What it was read from; null for a table made by code. Positions are worked out only for a fault: to count lines is not free.</summary>
    internal TomlCursor? Source { get; init; }

    /// <summary>Where its header or brace stands in <see cref="Source"/>.</summary>
    internal int Offset { get; set; }

    public int Count => _values.Count;

    /// <summary>Null for a table made by code.</summary>
    public TomlPosition? Position => Source?.PositionOf(Offset);

    public object this[string key]
    {
        get => _values[key];
        set => _values[key] = value;
    }

    public bool TryGet(string key, [NotNullWhen(true)] out object? value) => _values.TryGetValue(key, out value);

    internal void Add(string key, object value, int offset)
    {
        _values.Add(key, value);
        (_offsets ??= new(StringComparer.Ordinal))[key] = offset;
    }

    /// <summary>Where a key stands, the table's own place for a key that is absent; null for a table made by code.</summary>
    public TomlPosition? PositionOf(string key) =>
        Source?.PositionOf(_offsets is not null && _offsets.TryGetValue(key, out var offset) ? offset : Offset);

    public void Remove(string key) => _values.Remove(key);

    /// <returns>Null when the key is absent.</returns>
    /// <exception cref="FormatException">The value is no string.</exception>
    public string? Text(string key) => Get<string>(key, "a string");

    /// <returns>False when the key is absent.</returns>
    /// <exception cref="FormatException">The value is no boolean.</exception>
    public bool Flag(string key) => TryGet(key, out var value) && (value as bool? ?? throw Wrong(key, "true or false"));

    /// <returns>Null when the key is absent.</returns>
    /// <exception cref="FormatException">The value is no table.</exception>
    public TomlTable? Table(string key) => Get<TomlTable>(key, "a table");

    /// <returns>Empty when the key is absent.</returns>
    /// <exception cref="FormatException">The value is no array of tables.</exception>
    public IReadOnlyList<TomlTable> Tables(string key) =>
        [.. (Get<TomlArray>(key, "an array of tables") ?? []).Select(item => item as TomlTable ?? throw Wrong(key, "an array of tables"))];

    /// <returns>Empty when the key is absent.</returns>
    /// <exception cref="FormatException">The value is no array of strings.</exception>
    public IReadOnlyList<string> Texts(string key) =>
        [.. (Get<TomlArray>(key, "an array of strings") ?? []).Select(item => item as string ?? throw Wrong(key, "an array of strings"))];

    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private T? Get<T>(string key, string wanted) where T : class =>
        TryGet(key, out var value) ? value as T ?? throw Wrong(key, wanted) : null;

    private FormatException Wrong(string key, string wanted) => Error(key, $"'{key}' must be {wanted}.");

    /// <summary>A fault of what a key holds, with its place.</summary>
    internal FormatException Error(string key, string problem) => new(PositionOf(key) is { } position ? $"{position}: {problem}" : problem);
}

/// <summary>How a table came to be, which decides who may add to it (TOML 1.0, "Table").</summary>
internal enum TomlTableOrigin
{
    /// <summary>Named on the way to another: [a.b] makes a. A header of its own may still come, once.</summary>
    Implicit,

    /// <summary>By its own [header] or [[header]].</summary>
    Header,

    /// <summary>By a dotted key: only dotted keys of the same section add to it.</summary>
    Dotted,

    /// <summary>{ ... }: complete as it stands.</summary>
    Inline,
}
