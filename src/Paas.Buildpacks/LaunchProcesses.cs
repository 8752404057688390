namespace Paas.Buildpacks;

/// <summary>The group's processes put together: a later buildpack wins per type, and the last default wins
/// (CNB platform spec 0.15, "builder").</summary>
internal sealed class LaunchProcesses
{
    private readonly SortedDictionary<string, LaunchProcess> _byType = new(StringComparer.Ordinal);
    private string? _default;

    /// <returns>Sentences for the log.</returns>
    public IReadOnlyList<string> Add(IEnumerable<LaunchProcess> processes)
    {
        List<string> warnings = [];
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
                warnings.Add($"{process.BuildpackId} defines the default process '{process.Type}' anew, but not as the default: none is.");
            }

            _byType[process.Type] = process;
        }

        return warnings;
    }

    public IReadOnlyList<LaunchProcess> ToList() =>
        [.. _byType.Values.Select(process => process with { Default = process.Type == _default })];
}
