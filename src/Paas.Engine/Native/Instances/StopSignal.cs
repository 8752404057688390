using System.Globalization;

namespace Paas.Engine.Native.Instances;

/// <summary>The "StopSignal" of an image's config (OCI image-spec v1.1, config.md): "SIGQUIT", "QUIT", "3", "SIGRTMIN+3".</summary>
internal static class StopSignal
{
    /// <summary>signal(7), numbers of x86 and ARM; only those that may sensibly ask a program to end.</summary>
    private static readonly Dictionary<string, int> Numbers = new(StringComparer.Ordinal)
    {
        ["HUP"] = 1,
        ["INT"] = 2,
        ["QUIT"] = 3,
        ["ABRT"] = 6,
        ["KILL"] = 9,
        ["USR1"] = 10,
        ["USR2"] = 12,
        ["TERM"] = 15,
        ["WINCH"] = 28,
        ["PWR"] = 30,
    };

    private const int RealTimeMin = 34;
    private const int Highest = 64;

    /// <summary>Null: none is given, or one that nobody knows.</summary>
    public static int? Parse(string? text)
    {
        var name = text?.Trim().ToUpperInvariant() ?? "";
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number is > 0 and <= Highest ? number : null;
        }

        name = name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name;
        return name.StartsWith("RTMIN+", StringComparison.Ordinal) && int.TryParse(name[6..], NumberStyles.None, CultureInfo.InvariantCulture, out var offset) && offset <= Highest - RealTimeMin
            ? RealTimeMin + offset
            : Numbers.TryGetValue(name, out var known) ? known : null;
    }
}
