using System.Collections.Concurrent;
using Paas.Builds;
using Paas.Deploys;

namespace Paas.Git;

/// <summary>Deploys that do what the test says, with a queue of one turn.</summary>
public sealed class FakeDeploys : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SemaphoreSlim _waiting = new(0);
    private readonly SemaphoreSlim _started = new(0);
    private readonly TaskCompletionSource _allGo = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Each source that was deployed; files by path, read while the deploy owned them.</summary>
    public ConcurrentQueue<(Source Source, IReadOnlyDictionary<string, string> Files)> Seen { get; } = new();

    public ConcurrentQueue<DeployResult> Ended { get; } = new();

    /// <summary>What a deploy does; default: live at once.</summary>
    public Func<Source, Action<string>, CancellationToken, Task<DeployResult>> Behave { get; set; } = LiveAtOnce;

    public int? Live { get; set; }

    internal GitDeploys Doors => new(TakeAsync, (_, _) => Live, async (_, source, _, line, cancellationToken) =>
    {
        Seen.Enqueue((source, FilesOf(source.Directory)));
        _started.Release();
        var result = await Behave(source, line, cancellationToken);
        Directory.Delete(source.Directory, recursive: true);
        Ended.Enqueue(result);
        return result;
    });

    public static Task<DeployResult> LiveAtOnce(Source source, Action<string> line, CancellationToken cancellationToken) =>
        Task.FromResult<DeployResult>(new DeployResult.Live(1, "Live as v1 at http://hello.localhost"));

    /// <summary>A deploy that goes on until <see cref="LetAllGo"/>.</summary>
    public void Block() => Behave = async (_, line, cancellationToken) =>
    {
        line("building");
        await _allGo.Task.WaitAsync(cancellationToken);
        return new DeployResult.Live(1, "Live as v1");
    };

    public void LetAllGo() => _allGo.TrySetResult();

    public async Task StartedAsync() => Assert.True(await _started.WaitAsync(TimeSpan.FromMinutes(1)), "No deploy started.");

    public async Task SomebodyWaitsAsync() => Assert.True(await _waiting.WaitAsync(TimeSpan.FromMinutes(1)), "Nobody waits for a turn.");

    /// <summary>Completes when nobody has the turn.</summary>
    public async Task IdleAsync()
    {
        Assert.True(await _turn.WaitAsync(TimeSpan.FromMinutes(1)), "The turn was not given back.");
        _turn.Release();
    }

    public void Dispose()
    {
        _turn.Dispose();
        _waiting.Dispose();
        _started.Dispose();
    }

    private async Task<IAsyncDisposable> TakeAsync(long appId, Action<string>? waiting, CancellationToken cancellationToken)
    {
        if (!await _turn.WaitAsync(0, cancellationToken))
        {
            waiting?.Invoke("Waiting for the deploy before this one.");
            _waiting.Release();
            await _turn.WaitAsync(cancellationToken);
        }

        return new Turn(_turn);
    }

    private static Dictionary<string, string> FilesOf(string directory) =>
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetRelativePath(directory, file),
            file => new FileInfo(file).LinkTarget ?? File.ReadAllText(file),
            StringComparer.Ordinal);

    private sealed class Turn(SemaphoreSlim turn) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            turn.Release();
            return ValueTask.CompletedTask;
        }
    }
}
