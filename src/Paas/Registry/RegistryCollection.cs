using Paas.Oci;
using Paas.State;

namespace Paas.Registry;

/// <summary>Garbage collection of the home's content store while everything goes on: pushes, pulls, builds and deploys never wait for it.</summary>
/// <remarks>
/// Nothing goes that anybody may be about to name. Whoever is told "it is there" renews a lease (<see cref="BlobStore.TryRenew"/>), and what
/// nothing names goes only when its lease is older than the grace time; the last look at rows and lease and the deletion are one step.
/// <code>
/// tags --rule of the repository--> manifests --no tag, index, release, subject--> links --no manifest--> blobs --nothing at all--> gone
///                                                                     snapshots --nothing runs from them, a blob is there--> gone
/// </code>
/// Each step can be repeated, so a crash in between costs nothing: the next collection goes on.
/// </remarks>
internal sealed partial class RegistryCollection(
    Database database, BlobStore blobs, Snapshots snapshots, Images images, IEnumerable<ContentRoots> roots, IEnumerable<GiveUpReleases> releases,
    IEnumerable<SweepLeftovers> leftovers, UploadSessions uploads, SnapshotSizes sizes, CollectionJournal journal, CollectionOptions options, TimeProvider time,
    ILogger<RegistryCollection> logger) : IDisposable
{
    /// <summary>A push whose last layer takes as long as this still finds its first one.</summary>
    private static readonly TimeSpan LongestPush = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Collects, or says what it would collect. One at a time; another waits.</summary>
    /// <param name="cause">"schedule", or who asks.</param>
    /// <param name="timeLimit">Null: to the end.</param>
    public async Task<CollectionReport> RunAsync(bool dryRun, string cause, TimeSpan? timeLimit, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // Files are walked and deleted: never on a thread that serves requests.
            return await Task.Run(() => CollectAsync(dryRun, cause, timeLimit, cancellationToken), cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<CollectionReport> CollectAsync(bool dryRun, string cause, TimeSpan? timeLimit, CancellationToken cancellationToken)
    {
        var startedAt = time.GetUtcNow();
        var run = new Run(startedAt, new CollectionTally(), dryRun, dryRun ? null : journal);
        var needs = new CollectionNeeds(roots, images, blobs, Min(options.Grace / 2, TimeSpan.FromSeconds(10)), time);
        using var limit = new CancellationTokenSource(timeLimit ?? Timeout.InfiniteTimeSpan, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var (outcome, sentence, resumeAt) = (CollectionOutcome.Done, "", (string?)null);
        var resumed = journal.ResumeAt();
        run.Journal?.Begin(cause);
        try
        {
            await needs.AskAsync(stop.Token);
            var named = CollectRows(run, needs, stop.Token);
            await CollectBlobsAsync(run, needs, named, resumed, shard => resumeAt = shard, stop.Token);
            resumeAt = null;
            await CollectSnapshotsAsync(run, needs, stop.Token);
            CollectLeftovers(run, stop.Token);
            sentence = Said(run);
        }
        catch (CollectionStoppedException error)
        {
            (outcome, sentence) = (CollectionOutcome.Stopped, error.Message);
            LogStopped(error.Message);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            (outcome, sentence) = (CollectionOutcome.TimeLimit, $"{Said(run)} Its time was over; the next one goes on from there.");
        }

        run.Journal?.End(outcome, sentence, resumeAt, startedAt - options.Journal);
        return new CollectionReport(dryRun, startedAt, time.GetUtcNow(), outcome, sentence, run.Tally.Sums, run.Tally.Held, run.Tally.Items);
    }

    /// <summary>Steps 1 to 3: tags, manifests, links.</summary>
    /// <returns>What rows name afterwards.</returns>
    private HashSet<Digest> CollectRows(Run run, CollectionNeeds needs, CancellationToken cancellationToken)
    {
        var givenUp = releases.SelectMany(give => give(run.DryRun)).ToLookup(release => release.AppId);
        var (grace, untagged) = (run.StartedAt - options.Grace, run.StartedAt - options.Untagged);
        using var rows = new CollectionRows(database, blobs, run.DryRun);
        foreach (var item in rows.Rules().SelectMany(rule => Retention.Apply(rows, rule, givenUp, run.StartedAt)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Add(item);
        }

        foreach (var row in rows.DropManifests(untagged, grace, needs.NeedsImage))
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Add(new CollectedItem(CollectedKind.Manifest, row.Repository, row.Digest, 0, row.Subject is null ? "no tag and no index names it" : "what it refers to is gone"));
        }

        foreach (var link in rows.DropLinks(grace, run.StartedAt - Max(LongestPush, options.Grace), uploads.Repositories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Add(new CollectedItem(CollectedKind.Link, link.Repository, link.Digest, 0, "no manifest of the repository names it"));
        }

        return rows.Named();
    }

    /// <summary>Step 4: blobs, one part of the store after the other, first those that an earlier collection had no time for.</summary>
    /// <param name="reached">Told each part before it is begun.</param>
    private async Task CollectBlobsAsync(Run run, CollectionNeeds needs, HashSet<Digest> named, string? from, Action<string> reached, CancellationToken cancellationToken)
    {
        var shards = blobs.Shards().ToList();
        var first = Math.Max(0, shards.FindIndex(shard => string.CompareOrdinal(shard, from) >= 0));
        foreach (var shard in shards.Skip(first).Concat(shards.Take(first)))
        {
            reached(shard);
            cancellationToken.ThrowIfCancellationRequested();
            await needs.AskAsync(cancellationToken);
            foreach (var blob in blobs.In(shard).Where(blob => !named.Contains(blob.Digest) && !needs.NeedsBlob(blob.Digest)))
            {
                if (blob.LeasedAt >= run.StartedAt - options.Grace)
                {
                    run.Tally.Hold(blob.Size, blob.LeasedAt + options.Grace);
                }
                else if (run.DryRun || blobs.TryDelete(blob.Digest, run.StartedAt - options.Grace, () => !CollectionRows.IsNamed(database, blob.Digest)))
                {
                    run.Add(new CollectedItem(CollectedKind.Blob, null, blob.Digest.ToString(), blob.Size, "nothing needs it"));
                }
            }
        }
    }

    /// <summary>Step 5: unpacked layers that nothing runs from.</summary>
    private async Task CollectSnapshotsAsync(Run run, CollectionNeeds needs, CancellationToken cancellationToken)
    {
        foreach (var diffId in snapshots.All().Where(diffId => !needs.NeedsSnapshot(diffId)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await needs.AskAsync(cancellationToken);
            if (needs.NeedsSnapshot(diffId))
            {
                continue;
            }

            var (bytes, leasedAt) = (sizes.Of(diffId), snapshots.LeasedAt(diffId));
            if (leasedAt >= run.StartedAt - options.Grace)
            {
                run.Tally.Hold(bytes, leasedAt + options.Grace);
            }
            else if (run.DryRun || snapshots.TryDelete(diffId, run.StartedAt - options.Grace, () => true))
            {
                run.Add(new CollectedItem(CollectedKind.Snapshot, null, diffId.ToString(), bytes, "nothing runs from it"));
            }
        }

        if (!run.DryRun)
        {
            sizes.Forget();
        }
    }

    private void CollectLeftovers(Run run, CancellationToken cancellationToken)
    {
        var (count, bytes) = blobs.SweepTemporary(run.StartedAt - options.Grace, run.DryRun);
        count += snapshots.SweepTemporary(run.StartedAt - options.Grace, run.DryRun);
        if (count > 0)
        {
            run.Add(new CollectedItem(CollectedKind.Temporary, null, $"{count} unfinished files", bytes, "whoever wrote them is gone"));
        }

        foreach (var sweep in leftovers)
        {
            foreach (var leftover in sweep(run.StartedAt, run.DryRun, cancellationToken))
            {
                run.Add(new CollectedItem(CollectedKind.Leftover, null, $"{leftover.Kind} {leftover.Name}", leftover.Bytes, leftover.Reason));
            }
        }
    }

    private static string Said(Run run)
    {
        var sums = run.Tally.Sums;
        var parts = sums.Select(sum => $"{sum.Count} {Noun(sum.Kind)}{(sum.Count == 1 ? "" : "s")}").ToList();
        var what = parts.Count switch
        {
            0 => "nothing",
            1 => parts[0],
            _ => $"{string.Join(", ", parts.SkipLast(1))} and {parts[^1]}",
        };
        return $"{(run.DryRun ? "Would remove" : "Removed")} {what}{(sums.Sum(sum => sum.Bytes) is > 0 and var bytes ? $", {Amount(bytes)} in all" : "")}.";
    }

    private static string Noun(CollectedKind kind) => kind switch
    {
        CollectedKind.Temporary => "unfinished write",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static string Amount(long bytes) => bytes switch
    {
        < 1 << 20 => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Max(1, bytes >> 10)} KB"),
        < 1 << 30 => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MB"),
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.##} GB"),
    };

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    [LoggerMessage(LogLevel.Warning, "Garbage collection stopped: {Sentence}")]
    private partial void LogStopped(string sentence);

    /// <summary>One collection under way.</summary>
    private sealed record Run(DateTimeOffset StartedAt, CollectionTally Tally, bool DryRun, CollectionJournal? Journal)
    {
        public void Add(CollectedItem item)
        {
            Tally.Add(item);
            Journal?.Add(item);
        }
    }
}
