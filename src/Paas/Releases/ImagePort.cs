using System.Globalization;
using Paas.Apps;

namespace Paas.Releases;

/// <summary>At which port a release's web process is reached, and why.</summary>
/// <param name="Sentence">For the deploy's log; null when it is the usual one and nothing spoke for another.</param>
public sealed record ImagePort(int Number, string? Sentence)
{
    /// <summary>Ports where an HTTP server is likely, the likeliest first: for images that expose several.</summary>
    private static readonly int[] Likely = [80, 8080, 3000, 5000, 8000];

    /// <param name="run">Null: built here, so it listens where PORT says.</param>
    /// <param name="config">The release's; a PORT in it is the user's own word.</param>
    public static ImagePort Of(ImageRun? run, IReadOnlyList<ConfigVar> config)
    {
        if (config.FirstOrDefault(item => item.Name == "PORT")?.Value is { } set && int.TryParse(set, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && wanted is > 0 and < 65536)
        {
            return new(wanted, Text($"Port {wanted}, as the config var PORT says."));
        }

        return run?.Ports switch
        {
            null => new(LaunchEnvironment.Port, null),
            [] => new(LaunchEnvironment.Port, Text($"The image exposes no port: it is told to listen on {LaunchEnvironment.Port} by PORT. If it listens elsewhere: paas config set PORT=<number>")),
            [var only] => new(only, Text($"Port {only}, which the image exposes.")),
            var several => Chosen(several),
        };
    }

    private static ImagePort Chosen(IReadOnlyList<int> several)
    {
        var chosen = Likely.FirstOrDefault(several.Contains, several[0]);
        return new(chosen, Text($"The image exposes the ports {string.Join(", ", several.Select(port => port.ToString(CultureInfo.InvariantCulture)))}: requests go to {chosen}. Another: paas config set PORT=<number>"));
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
