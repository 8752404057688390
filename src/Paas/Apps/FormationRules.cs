using System.Globalization;
using System.Text.RegularExpressions;
using Paas.State;

namespace Paas.Apps;

/// <summary>What a process type may be called, and how many and how large its instances may be.</summary>
internal static partial class FormationRules
{
    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex TypeGrammar { get; }

    /// <exception cref="UserError">formation_invalid.</exception>
    public static void Check(Formation formation)
    {
        if (!TypeGrammar.IsMatch(formation.Type))
        {
            throw new UserError("formation_invalid", 400, $"'{Printable.Short(formation.Type)}' cannot be a process type: use 1 to 63 of a-z, 0-9 and '-'.");
        }

        InRange($"count of {formation.Type}", formation.Count, 0, 100, "");
        InRange($"memory of {formation.Type}", formation.MemoryMb, 16, 1024 * 1024, " MB");
        InRange($"process limit of {formation.Type}", formation.Pids, 16, 32768, "");
        InRange($"disk of {formation.Type}", formation.DiskMb, 16, 1024 * 1024, " MB");
    }

    private static void InRange(string what, int value, int least, int most, string unit)
    {
        if (value < least || value > most)
        {
            throw new UserError("formation_invalid", 400, string.Create(CultureInfo.InvariantCulture, $"The {what} is {least} to {most:N0}{unit}, not {value}."));
        }
    }
}
