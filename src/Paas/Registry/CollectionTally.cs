namespace Paas.Registry;

/// <summary>Counts what a collection removes.</summary>
internal sealed class CollectionTally
{
    private readonly Dictionary<CollectedKind, (int Count, long Bytes)> _sums = [];
    private readonly List<CollectedItem> _items = [];
    private int _heldCount;
    private long _heldBytes;
    private DateTimeOffset? _heldUntil;

    public IReadOnlyList<CollectedItem> Items => _items;

    public IReadOnlyList<CollectedSum> Sums => [.. _sums.OrderBy(sum => sum.Key).Select(sum => new CollectedSum(sum.Key, sum.Value.Count, sum.Value.Bytes))];

    public HeldContent Held => new(_heldCount, _heldBytes, _heldUntil);

    public void Add(CollectedItem item)
    {
        var (count, bytes) = _sums.GetValueOrDefault(item.Kind);
        _sums[item.Kind] = (count + 1, bytes + item.Bytes);
        if (_items.Count < CollectionReport.MostItems)
        {
            _items.Add(item);
        }
    }

    public void Hold(long bytes, DateTimeOffset until)
    {
        _heldCount++;
        _heldBytes += bytes;
        HoldUntil(until);
    }

    public void HoldUntil(DateTimeOffset until) => _heldUntil = _heldUntil is { } latest && latest > until ? latest : until;
}
