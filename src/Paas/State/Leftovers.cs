namespace Paas.State;

/// <summary>What one part of the platform removed, or would, that nobody needs any more.</summary>
/// <param name="Kind">For a list: "deploy log", "build folder".</param>
/// <param name="Bytes">Of the host's disk.</param>
public sealed record Leftover(string Kind, string Name, long Bytes, string Reason);

/// <summary>Removes what grows without end beside the content store: old logs, what a build left. Garbage collection runs each that is registered.</summary>
/// <param name="dryRun">Removes nothing and says what it would.</param>
public delegate IReadOnlyList<Leftover> SweepLeftovers(DateTimeOffset now, bool dryRun, CancellationToken cancellationToken);
