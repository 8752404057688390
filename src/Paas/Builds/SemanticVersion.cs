using System.Globalization;

namespace Paas.Builds;

/// <summary>A version as Semantic Versioning 2.0.0 orders it (section 11); "1.2" is taken as "1.2.0". Build metadata says nothing.</summary>
internal readonly record struct SemanticVersion(long Major, long Minor, long Patch, string? PreRelease) : IComparable<SemanticVersion>
{
    public static bool TryParse(string text, out SemanticVersion version)
    {
        version = default;
        var core = text.Split('+', 2)[0].Split('-', 2);
        var numbers = core[0].Split('.');
        var parsed = new long[3];
        if (numbers.Length is < 2 or > 3)
        {
            return false;
        }

        for (var index = 0; index < numbers.Length; index++)
        {
            if (!long.TryParse(numbers[index], NumberStyles.None, CultureInfo.InvariantCulture, out parsed[index]))
            {
                return false;
            }
        }

        version = new(parsed[0], parsed[1], parsed[2], core.Length == 2 ? core[1] : null);
        return true;
    }

    public int CompareTo(SemanticVersion other)
    {
        var numbers = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        return numbers != 0 ? numbers : (PreRelease, other.PreRelease) switch
        {
            (null, null) => 0,
            // A version comes after its pre-releases.
            (null, _) => 1,
            (_, null) => -1,
            var (mine, theirs) => ComparePreRelease(mine.Split('.'), theirs.Split('.')),
        };
    }

    private static int ComparePreRelease(string[] mine, string[] theirs)
    {
        foreach (var (left, right) in mine.Zip(theirs))
        {
            var isNumber = long.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out var leftNumber);
            var order = (isNumber, long.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out var rightNumber)) switch
            {
                (true, true) => leftNumber.CompareTo(rightNumber),
                (true, false) => -1,
                (false, true) => 1,
                _ => string.CompareOrdinal(left, right),
            };
            if (order != 0)
            {
                return order;
            }
        }

        return mine.Length.CompareTo(theirs.Length);
    }
}
