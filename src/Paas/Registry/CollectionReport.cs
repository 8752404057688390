namespace Paas.Registry;

public enum CollectedKind
{
    /// <summary>A tag that its repository's rule no longer keeps.</summary>
    Tag,

    /// <summary>A manifest that neither tag nor index nor release names.</summary>
    Manifest,

    /// <summary>A repository's right to a blob that no manifest of it names.</summary>
    Link,

    /// <summary>A blob that no repository, release, build or client needs.</summary>
    Blob,

    /// <summary>An unpacked layer that nothing runs from; it can be unpacked from its blob again.</summary>
    Snapshot,

    /// <summary>What a writer that died left behind.</summary>
    Temporary,

    /// <summary>Old logs and work folders beside the content store.</summary>
    Leftover,
}

/// <summary>One thing that was removed, or would be.</summary>
/// <param name="Repository">As people name it; null: of the whole store.</param>
/// <param name="Name">Digest, tag or file.</param>
/// <param name="Bytes">Of the disk; 0 where only a row went.</param>
/// <param name="Reason">For people.</param>
public sealed record CollectedItem(CollectedKind Kind, string? Repository, string Name, long Bytes, string Reason);

public enum CollectionOutcome
{
    Done,

    /// <summary>Its time was over; the next one goes on there.</summary>
    TimeLimit,

    /// <summary>Something could not be read, so nothing more was deleted.</summary>
    Stopped,
}

/// <summary>How many and how much of one kind.</summary>
public sealed record CollectedSum(CollectedKind Kind, int Count, long Bytes);

/// <summary>What nothing needs, but what stays for the grace time: somebody may be about to name it.</summary>
/// <param name="Until">When the last of it is free to go; null: nothing is held.</param>
public sealed record HeldContent(int Count, long Bytes, DateTimeOffset? Until);

/// <summary>What one collection did, or would do.</summary>
/// <param name="Sentence">For people; why it stopped when it did.</param>
/// <param name="Items">The first <see cref="MostItems"/>; the journal has all.</param>
public sealed record CollectionReport(
    bool DryRun, DateTimeOffset StartedAt, DateTimeOffset EndedAt, CollectionOutcome Outcome, string Sentence,
    IReadOnlyList<CollectedSum> Sums, HeldContent Held, IReadOnlyList<CollectedItem> Items)
{
    public const int MostItems = 1000;

    /// <summary>Of the disk.</summary>
    public long Bytes => Sums.Sum(sum => sum.Bytes);
}

/// <summary>Something that may need content could not be read: nothing is deleted on doubt.</summary>
/// <param name="sentence">What, and what to do.</param>
internal sealed class CollectionStoppedException(string sentence, Exception inner) : Exception(sentence, inner);
