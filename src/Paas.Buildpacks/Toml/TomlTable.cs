using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Paas.Buildpacks.Toml;

/// <summary>A TOML table in the order it was written. Its values are string, long, double, bool, <see cref="TomlTime"/>,
/// <see cref="TomlArray"/> and <see cref="TomlTable"/>.</summary>
public sealed class TomlTable : IReadOnlyCollection<KeyValuePair<string, object>>
{
    private readonly OrderedDictionary<string, object> _values = new(StringComparer.Ordinal);

    internal TomlTableOrigin Origin { get; set; } = TomlTableOrigin.Implicit;

    /// <summary>Which section's dotted keys made this table: only they may extend it.</summary>
    internal int Section { get; set; }

    public int Count => _values.Count;

    public object this[string key]
    {
        get => _values[key];
        set => _values[key] = value;
    }

    public bool TryGet(string key, [NotNullWhen(true)] out object? value) => _values.TryGetValue(key, out value);

    public bool TryAdd(string key, object value) => _values.TryAdd(key, value);

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

    private static FormatException Wrong(string key, string wanted) => new($"'{key}' must be {wanted}.");
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
