namespace Paas.Oci;

/// <summary>Something that needs a part of the content store whatever the registry's tags say: garbage collection keeps what it names.</summary>
/// <param name="Owner">For a sentence: "release v3 of hello".</param>
public sealed record ContentRoot(string Owner)
{
    /// <summary>Its manifest and all that it names stay; null: no image.</summary>
    public Digest? Image { get; init; }

    /// <summary>The image runs, or may at any moment: its layers stay unpacked, too.</summary>
    public bool Unpacked { get; init; }

    public IReadOnlyList<Digest> Blobs { get; init; } = [];

    public IReadOnlyList<DiffId> Snapshots { get; init; } = [];
}

/// <summary>What one part of the platform needs now. Each that keeps images or layers registers one; it throws rather than leave something out.</summary>
public delegate IEnumerable<ContentRoot> ContentRoots();
