using System.Globalization;
using Paas.Client;

namespace Paas.Dashboard.Pages.Instances;

/// <summary>Counts and sizes that are asked for but not applied.</summary>
public sealed class ScaleDraft
{
    private readonly SortedDictionary<string, ScaleProcess> _wishes = new(StringComparer.Ordinal);

    public bool IsEmpty => _wishes.Count == 0;

    public IReadOnlyList<ScaleProcess> Wishes => [.. _wishes.Values];

    public int CountOf(FormationView now) => _wishes.GetValueOrDefault(now.Type)?.Count ?? now.Count;

    public int MemoryOf(FormationView now) => _wishes.GetValueOrDefault(now.Type)?.MemoryMb ?? now.MemoryMb;

    /// <summary>What is as it is already is no wish.</summary>
    public void Put(FormationView now, int count, int memoryMb)
    {
        _wishes.Remove(now.Type);
        if (count != now.Count || memoryMb != now.MemoryMb)
        {
            _wishes[now.Type] = new ScaleProcess(now.Type, count == now.Count ? null : count, memoryMb == now.MemoryMb ? null : memoryMb);
        }
    }

    public void Clear() => _wishes.Clear();

    /// <summary>One sentence for each wish, with what it costs.</summary>
    public IEnumerable<string> Sentences(InstancesModel model)
    {
        foreach (var wish in _wishes.Values)
        {
            if (model.Formation.FirstOrDefault(item => item.Type == wish.Type) is not { } now)
            {
                continue;
            }

            if (wish.Count is { } count)
            {
                yield return Text($"{wish.Type}: {now.Count} to {count} instances. ") + (count, now.Count) switch
                {
                    (0, _) when wish.Type == "web" => "All of them finish their requests and stop; the address answers with an error until it is scaled up again.",
                    (0, _) => "All of them stop.",
                    _ when count < now.Count => "Those that go finish their requests first.",
                    _ => "The new ones get requests when they are healthy; the others go on.",
                };
            }

            if (wish.MemoryMb is { } memory)
            {
                yield return Text($"{wish.Type}: {now.MemoryMb} to {memory} MB each. ") + (model.App.Release is null ? "" : "Every instance of the app is started anew, beside the old ones.");
            }
        }
    }

    public string Command(string app)
    {
        var commands = _wishes.Values.GroupBy(wish => wish.MemoryMb).Select(group =>
            $"paas ps scale {string.Join(' ', group.Select(wish => wish.Count is { } count ? Text($"{wish.Type}={count}") : $"{wish.Type}=COUNT"))}{(group.Key is { } memory ? Text($" --memory {memory}M") : "")} --app {app}");
        return string.Join(" && ", commands);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
