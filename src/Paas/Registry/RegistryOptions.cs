using Paas.State;

namespace Paas.Registry;

/// <summary>What the registry takes at most.</summary>
public sealed record RegistryOptions
{
    private const long Gigabyte = 1L << 30;

    /// <summary>With registry.maxGigabytes and registry.maxBlobGigabytes of paas.json in the home.</summary>
    /// <exception cref="UserError">options_invalid.</exception>
    public static RegistryOptions Read(PlatformHome home)
    {
        var section = HostFile.Read(home);
        string[] faults = [.. Faults("maxGigabytes", section?.MaxGigabytes), .. Faults("maxBlobGigabytes", section?.MaxBlobGigabytes)];
        if (faults.Length > 0)
        {
            throw HostFile.Invalid(home, faults);
        }

        var defaults = new RegistryOptions();
        return defaults with
        {
            MaxBytes = section?.MaxGigabytes * Gigabyte,
            MaxBlob = section?.MaxBlobGigabytes is { } blob ? blob * Gigabyte : defaults.MaxBlob,
        };
    }

    /// <summary>Bytes of one blob. Default 20 GB.</summary>
    public long MaxBlob { get; init; } = 20L << 30;

    /// <summary>Bytes of one manifest. Default 4 MB: the specification asks for at least this, and clients read no more.</summary>
    public int MaxManifest { get; init; } = 4 << 20;

    /// <summary>Bytes of all blobs of all repositories, each counted once. Default null: what the disk has.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Bytes that must stay free: a push must never fill the disk that the database is on. Default 1 GB.</summary>
    public long FreeSpaceFloor { get; init; } = 1L << 30;

    /// <summary>Uploads of one repository that have not ended. Default 1000.</summary>
    public int MaxUploads { get; init; } = 1000;

    /// <summary>How long an upload that nobody writes to is kept. Default 24 hours.</summary>
    public TimeSpan KeepUploads { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Over this time a body must bring <see cref="LeastBody"/> bytes: long enough for a slow line and for a client that
    /// compresses while it sends. Default 2 minutes.</summary>
    public TimeSpan BodyPatience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Bytes. Default 32 KB: 270 bytes a second.</summary>
    public int LeastBody { get; init; } = 32 << 10;

    private static IEnumerable<string> Faults(string name, int? value) => value is < 1 ? [$"registry.{name} is a number of GB, 1 or more"] : [];
}
