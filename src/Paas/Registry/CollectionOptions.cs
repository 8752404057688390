using System.Globalization;

namespace Paas.Registry;

/// <summary>How long garbage collection waits before it takes what nothing names.</summary>
public sealed class CollectionOptions
{
    /// <summary>How long a blob, a link or a snapshot stays after somebody wrote it or was told that it is there, and a manifest after it lost
    /// its tag: as long as a push or a pull may take between its first request and its last. PAAS_GC_GRACE_S; default 2 hours.</summary>
    public TimeSpan Grace { get; init; } = Seconds("PAAS_GC_GRACE_S", TimeSpan.FromHours(2));

    /// <summary>How long a manifest that was pushed without a tag waits for one, or for an index that names it: CI pushes one machine's image
    /// by digest and joins them when the slowest is done. PAAS_GC_UNTAGGED_S; default a day.</summary>
    public TimeSpan Untagged { get; init; } = Seconds("PAAS_GC_UNTAGGED_S", TimeSpan.FromDays(1));

    /// <summary>Between two collections. PAAS_GC_EVERY_S; default an hour.</summary>
    public TimeSpan Every { get; init; } = Seconds("PAAS_GC_EVERY_S", TimeSpan.FromHours(1));

    /// <summary>A scheduled collection ends after this, and the next one goes on where it ended. Default 10 minutes.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the journal is kept. Default 30 days.</summary>
    public TimeSpan Journal { get; init; } = TimeSpan.FromDays(30);

    private static TimeSpan Seconds(string variable, TimeSpan otherwise) =>
        double.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : otherwise;
}
