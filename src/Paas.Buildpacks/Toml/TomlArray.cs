using System.Collections;

namespace Paas.Buildpacks.Toml;

/// <summary>An array of TOML values (see <see cref="TomlTable"/> for their types).</summary>
public sealed class TomlArray : IReadOnlyList<object>
{
    private readonly List<object> _items = [];

    /// <summary>Made by [[headers]], so that another one may append to it.</summary>
    internal bool OfHeaders { get; init; }

    public int Count => _items.Count;

    public object this[int index] => _items[index];

    public void Add(object value) => _items.Add(value);

    public IEnumerator<object> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
