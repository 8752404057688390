using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Paas.Activity;
using Paas.Apps;
using Paas.Client;
using Paas.Logs;
using Paas.State;

namespace Paas.Deploys;

/// <summary>The deploys that run now, by app and number.</summary>
public sealed class DeployRuns(PlatformHome home, DeployStore store, DeployNews news, ActivityLog activity, DeployQueue queue, TimeProvider time, IEnumerable<BindingsOf> bindings)
{
    private readonly ConcurrentDictionary<(long App, int Number), DeployRun> _running = [];

    /// <summary>Takes the app's next number and writes the deploy down.</summary>
    public DeployRecord Open(long appId, DeployCause cause, string actor, string? commit, string? message, string? branch) =>
        store.Begin(appId, cause, actor, commit, message, branch);

    /// <summary>Begins what was written down, or goes on with it. Dispose it at its end.</summary>
    public DeployRun Begin(App app, DeployRecord record, IReadOnlyList<ConfigVar> config, Action<string> show, CancellationToken cancellationToken)
    {
        var redactor = Redactor.Of([.. config, .. bindings.SelectMany(of => of(app)).SelectMany(Binding.SecretsOf)]);
        var run = new DeployRun(app, record, store, news, activity, time, NewLog, Ended, cancellationToken);
        _running[(app.Id, record.Number)] = run;
        return run;

        DeployLog NewLog(DeployRun owner) => new(FileOf(app.Id, record.Number), redactor.Redact, show, name => owner.EnterPhase(name), time);
    }

    /// <summary>Null when it does not run.</summary>
    public DeployRun? Find(long appId, int number) => _running.GetValueOrDefault((appId, number));

    /// <summary>Nobody wants its deploys any more: what runs of it is cancelled, and over before this returns; their logs go to the trash.</summary>
    public async Task DestroyedAsync(App app, CancellationToken cancellationToken)
    {
        foreach (var run in _running.Where(item => item.Key.App == app.Id).Select(item => item.Value))
        {
            await run.TryCancelAsync();
        }

        // Who waits behind this finds the app destroyed.
        await using var turn = await queue.TakeAsync(app.Id, null, cancellationToken);
        if (Directory.Exists(LogsOf(app.Id)))
        {
            var trash = Path.Combine(home.Trash, app.Id.ToString(CultureInfo.InvariantCulture));
            Directory.CreateDirectory(trash);
            Directory.Move(LogsOf(app.Id), Path.Combine(trash, "deploys"));
        }
    }

    /// <summary>Lines of a running or ended deploy.</summary>
    /// <param name="follow">To the end of a running one; else what is there now.</param>
    public IAsyncEnumerable<DeployLogLine> LinesAsync(long appId, int number, long after, bool follow, CancellationToken cancellationToken) => Find(appId, number) switch
    {
        null => ReadAsync(FileOf(appId, number), after, cancellationToken),
        var run when follow => run.Log.FollowAsync(after, cancellationToken),
        var run => run.Log.SoFar(after).ToAsyncEnumerable(),
    };

    private static async IAsyncEnumerable<DeployLogLine> ReadAsync(string file, long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            yield break;
        }

        await foreach (var text in File.ReadLinesAsync(file, cancellationToken))
        {
            // A power cut may have left half a last line.
            if (text.EndsWith('}') && JsonSerializer.Deserialize(text, DeploysJson.Default.DeployLogLine) is { } line && line.Sequence > after)
            {
                yield return line;
            }
        }
    }

    private void Ended(DeployRun run) => _running.TryRemove((run.App.Id, run.Number), out _);

    private string LogsOf(long appId) => Path.Combine(home.Logs, "deploys", appId.ToString(CultureInfo.InvariantCulture));

    private string FileOf(long appId, int number) =>
        Path.Combine(LogsOf(appId), $"{number.ToString(CultureInfo.InvariantCulture)}.jsonl");
}
