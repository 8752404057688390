using System.Globalization;
using Paas.Apps;
using Paas.Releases;

namespace Paas.Instances;

/// <summary>A release without a web process as people read it: it has no URL, and nothing of it runs before it is scaled.</summary>
public static class WithoutWeb
{
    /// <param name="processes">Process types of the release.</param>
    /// <param name="formation">The app's.</param>
    /// <returns>"no web process; worker is at 0: paas ps scale worker=1"; null when the release has a web process.</returns>
    public static string? Say(IEnumerable<string> processes, IReadOnlyList<Formation> formation)
    {
        var types = processes.Where(type => type != ReleaseCommand.ProcessType).Order(StringComparer.Ordinal).Select(type => ProcessSpecs.FormationOf(type, formation)).ToList();
        if (types.Exists(item => item.Type == ProcessSpecs.Web))
        {
            return null;
        }

        if (types.Count == 0)
        {
            return "no web process and no other: name what should run in a Procfile";
        }

        if (types.Exists(item => item.Count > 0))
        {
            return $"no web process; {string.Join(", ", types.Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Type} is at {item.Count}")))}";
        }

        var names = types.Select(item => item.Type).ToList();
        var subject = names is [var only] ? $"{only} is" : $"{string.Join(", ", names.SkipLast(1))} and {names[^1]} are";
        return $"no web process; {subject} at 0: paas ps scale {string.Join(' ', names.Select(name => $"{name}=1"))}";
    }
}
