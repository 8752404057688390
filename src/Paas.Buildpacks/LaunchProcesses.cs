namespace Paas.Buildpacks;

/// <summary>The group's processes put together: a later buildpack wins per type, and the last default wins
/// (CNB platform spec 0.15, "builder").</summary>
internal sealed class LaunchProcesses
{
    private readonly SortedDictionary<string, LaunchProcess> _byType = new(StringComparer.Ordinal);
    private string? _default;

    public void Add(IEnumerable<LaunchProcess> processes)
    {
        foreach (var process in processes)
        {
            if (process.Default)
            {
                _default = process.Type;
            }
            else if (_default == process.Type)
            {
                // Defined anew without being the default: nothing is, until a buildpack says so.
                _default = null;
            }

            _byType[process.Type] = process;
        }
    }

    public IReadOnlyList<LaunchProcess> ToList() =>
        [.. _byType.Values.Select(process => process with { Default = process.Type == _default })];
}
