namespace Paas.Buildpacks;

/// <summary>Version of the buildpack API, of which the lifecycle understands 0.7 to 0.12.</summary>
public readonly record struct BuildpackApi(int Major, int Minor) : IComparable<BuildpackApi>
{
    public static readonly BuildpackApi Oldest = new(0, 7);
    public static readonly BuildpackApi Newest = new(0, 12);

    public bool IsSupported => this >= Oldest && this <= Newest;

    public static bool TryParse(string? text, out BuildpackApi api)
    {
        api = default;
        if (text?.Split('.') is not [var major, var minor]
            || !int.TryParse(major, out var majorNumber) || !int.TryParse(minor, out var minorNumber)
            || majorNumber < 0 || minorNumber < 0)
        {
            return false;
        }

        api = new BuildpackApi(majorNumber, minorNumber);
        return true;
    }

    public int CompareTo(BuildpackApi other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    public static bool operator <(BuildpackApi left, BuildpackApi right) => left.CompareTo(right) < 0;

    public static bool operator <=(BuildpackApi left, BuildpackApi right) => left.CompareTo(right) <= 0;

    public static bool operator >(BuildpackApi left, BuildpackApi right) => left.CompareTo(right) > 0;

    public static bool operator >=(BuildpackApi left, BuildpackApi right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Major}.{Minor}";
}
