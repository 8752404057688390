using System.Globalization;
using Paas.Activity;
using Paas.Apps;

namespace Paas.Deploys;

/// <summary>One deploy while it runs: its record, its log, its phases and its way to be cancelled.</summary>
public sealed class DeployRun : IDisposable
{
    private readonly Lock _writing = new();
    private readonly DeployStore _store;
    private readonly DeployNews _news;
    private readonly ActivityLog _activity;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _cancel;
    private readonly Action<DeployRun> _ended;
    private long _phaseBegan;
    private bool _switched;
    private bool _over;

    internal DeployRun(App app, DeployRecord record, DeployStore store, DeployNews news, ActivityLog activity, TimeProvider time, Func<DeployRun, DeployLog> log, Action<DeployRun> ended, CancellationToken cancellationToken)
    {
        (App, Record, _store, _news, _activity, _time, _ended) = (app, record, store, news, activity, time, ended);
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Log = log(this);
        Tell();
    }

    public App App { get; }

    /// <summary>As last written down.</summary>
    public DeployRecord Record { get; private set; }

    public int Number => Record.Number;

    public DeployLog Log { get; }

    /// <summary>Fires when somebody cancels the deploy or the platform stops.</summary>
    public CancellationToken Token => _cancel.Token;

    /// <summary>Somebody asked for the cancellation (else the platform stops).</summary>
    public bool CancelAsked { get; private set; }

    /// <summary>False when it is too late: the routes are being switched, or it has ended.</summary>
    public async Task<bool> TryCancelAsync()
    {
        Task cancelling;
        lock (_writing)
        {
            if (_switched || _over || !Record.IsRunning)
            {
                return false;
            }

            CancelAsked = true;
            cancelling = _cancel.CancelAsync();
        }

        await cancelling;
        return true;
    }

    /// <summary>From here on the deploy can no longer be cancelled.</summary>
    /// <exception cref="OperationCanceledException">Somebody was quicker.</exception>
    public void PassPointOfNoReturn()
    {
        lock (_writing)
        {
            if (CancelAsked)
            {
                throw new OperationCanceledException(Token);
            }

            _switched = true;
        }

        Log.Phase("route");
    }

    public void Enter(DeployState state) => Save(Record with { State = state });

    /// <summary>Closes the phase before and opens this one.</summary>
    internal void EnterPhase(string name)
    {
        var phases = ClosePhase();
        _phaseBegan = _time.GetTimestamp();
        Save(Record with { Phases = [.. phases, new DeployPhase(name, null) { StartedAt = _time.GetUtcNow() }] });
    }

    /// <summary>Writes the end down, and says it.</summary>
    /// <returns>The result without secrets: the last line of a failed build is the build's own.</returns>
    public DeployResult End(DeployResult result)
    {
        result = result with { Sentence = Log.Redact(result.Sentence) };
        var state = result switch
        {
            DeployResult.Live => DeployState.Live,
            DeployResult.Cancelled => DeployState.Cancelled,
            DeployResult.Interrupted => DeployState.Interrupted,
            DeployResult.Superseded => DeployState.Superseded,
            _ => DeployState.Failed,
        };
        Log.Verdict(result.Sentence, well: result is DeployResult.Live);
        Finish(state, result.Sentence);
        _activity.Record(App.TeamId, App.Id, Record.Actor, $"deploy.{state.ToString().ToLowerInvariant()}", result.Sentence);
        return result;
    }

    /// <summary>A deploy that was never ended failed by the platform's own fault, unless the platform stops: the next control goes on with it.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            _over = true;
        }

        var stopping = Token.IsCancellationRequested && !CancelAsked;
        if (Record.IsRunning && !stopping)
        {
            Finish(DeployState.Failed, "The platform itself failed during this deploy; its log says why. Push again to try once more.");
        }

        Log.Dispose();
        _ended(this);
        _cancel.Dispose();
    }

    private void Finish(DeployState state, string sentence) =>
        Save(Record with { State = state, Sentence = sentence, Phases = ClosePhase(), EndedAt = _time.GetUtcNow() });

    private IReadOnlyList<DeployPhase> ClosePhase()
    {
        if (Record.Phases is not [.., { Seconds: null } running])
        {
            return Record.Phases;
        }

        var seconds = Math.Round(_time.GetElapsedTime(_phaseBegan).TotalSeconds, 3);
        return [.. Record.Phases.Take(Record.Phases.Count - 1), running with { Seconds = seconds }];
    }

    private void Save(DeployRecord record)
    {
        Record = record;
        _store.Save(record);
        Tell();
    }

    private void Tell() => _news.Tell(App, Record);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{App.Name} v{Number}");
}

/// <summary>Where deploys tell what changed; the event stream of a slice above listens.</summary>
public sealed class DeployNews
{
    public event Action<App, DeployRecord>? Told;

    public void Tell(App app, DeployRecord record) => Told?.Invoke(app, record);
}
