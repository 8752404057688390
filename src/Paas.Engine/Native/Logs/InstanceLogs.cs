using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Paas.Engine.Native.Logs;

/// <summary>Instances' log files: made for conmon, rotated without a lost line, read as one stream per app.</summary>
internal sealed class InstanceLogs(LogOptions options) : IDisposable
{
    // A notification can be lost (a full inotify queue); then followers see it this much later.
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(1);

    // A chatty instance wakes its followers for a batch of lines, not for each.
    private static readonly TimeSpan _batch = TimeSpan.FromMilliseconds(10);

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyDirectory = OwnerOnly | UnixFileMode.UserExecute;

    private readonly ConcurrentDictionary<InstanceId, string> _controls = new();

    /// <summary>Files whose conmon was asked by this process to open a new one; it must not be asked again.</summary>
    private readonly ConcurrentDictionary<string, bool> _asked = new();

    private readonly Lock _watching = new();
    private FileSystemWatcher? _watcher;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _ended = true;

    /// <summary>The file for conmon's `-l k8s-file:PATH`; also for one that runs already. Lines of an earlier run of the id stay.</summary>
    /// <param name="ctlPath">conmon's control fifo; it need not exist yet.</param>
    public string Prepare(InstanceId id, string ctlPath)
    {
        var path = LogFiles.PathOf(options.Directory, id);
        Directory.CreateDirectory(options.Directory, OwnerOnlyDirectory);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnlyDirectory);
        using (new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite, UnixCreateMode = OwnerOnly }))
        {
        }

        _controls[id] = ctlPath;
        return path;
    }

    /// <summary>It is not rotated any more; what it wrote stays readable until newer ended ones need the room.</summary>
    public void Ended(InstanceId id)
    {
        _controls.TryRemove(id, out _);
        _asked.TryRemove(LogFiles.PathOf(options.Directory, id), out _);
        _ended = true;
    }

    /// <summary>Rotates until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.Interval, options.Time);
        do
        {
            await RotateAsync(cancellationToken).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Looks at each running instance's file once.</summary>
    public Task RotateAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            foreach (var (id, control) in _controls)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Rotate(LogFiles.PathOf(options.Directory, id), control);
            }

            if (_ended)
            {
                _ended = false;
                PruneEnded();
            }
        },
        cancellationToken);

    /// <summary>Lines of an app's instances by time, as the query begins; then, when following, what comes, of instances that start later, too.</summary>
    public async IAsyncEnumerable<LogLine> ReadAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (query.Follow)
        {
            Watch();
        }

        using var merge = new LogMerge(query, options.Directory);
        var changed = _changed.Task;
        foreach (var line in merge.Begin())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return line;
        }

        while (query.Follow)
        {
            if (!merge.HasMore)
            {
                await WaitAsync(changed, cancellationToken).ConfigureAwait(false);
            }

            changed = _changed.Task;
            foreach (var line in merge.Fresh())
            {
                yield return line;
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The newest lines of one instance, oldest first; empty when it wrote none.</summary>
    public IReadOnlyList<string> LastLines(InstanceId id, int count)
    {
        using var reader = new LogReader(id, LogFiles.PathOf(options.Directory, id));
        return [.. reader.Last(count, until: null).TakeLast(count).Select(l => l.Text)];
    }

    public void Dispose()
    {
        lock (_watching)
        {
            _watcher?.Dispose();
        }
    }

    private void Rotate(string path, string control)
    {
        var file = new FileInfo(path);
        var rotated = LogFiles.Rotated(path);
        if (!file.Exists)
        {
            // A control that died between rename and request: conmon still writes to the file that was renamed.
            if (rotated.Count > 0 && _asked.TryAdd(path, true))
            {
                ConmonControl.TryReopenLog(control, () => { });
            }

            return;
        }

        // conmon makes files that the group can read.
        if (file.UnixFileMode != OwnerOnly)
        {
            file.UnixFileMode = OwnerOnly;
        }

        var to = LogFiles.RotatedPath(path, rotated is [.., var newest] ? newest.Number + 1 : 1);
        if (file.Length > options.MaxBytes && ConmonControl.TryReopenLog(control, () => File.Move(path, to)))
        {
            _asked[path] = true;
            PruneRotated([.. rotated.Select(r => r.Path), to]);
        }
    }

    /// <summary>Keeps so many files, and fewer when they are much larger than planned; always the newest.</summary>
    private void PruneRotated(IReadOnlyList<string> rotated)
    {
        var room = options.MaxBytes * (options.Keep + 1);
        for (var i = rotated.Count - 1; i >= 0; i--)
        {
            room -= new FileInfo(rotated[i]) is { Exists: true } file ? file.Length : 0;
            if (i < rotated.Count - 1 && (room < 0 || rotated.Count - i > options.Keep))
            {
                File.Delete(rotated[i]);
            }
        }
    }

    private void PruneEnded()
    {
        if (!Directory.Exists(options.Directory))
        {
            return;
        }

        foreach (var folder in Directory.EnumerateDirectories(options.Directory))
        {
            var app = Path.GetFileName(folder);
            var room = options.KeepEndedBytes;
            var ended = from file in new DirectoryInfo(folder).EnumerateFiles()
                        let id = LogFiles.Parse(app, file.Name)
                        where id is { } known && !_controls.ContainsKey(known)
                        orderby file.LastWriteTimeUtc descending
                        select file;
            foreach (var file in ended.ToArray())
            {
                room -= file.Length;
                if (room < 0)
                {
                    file.Delete();
                }
            }
        }
    }

    /// <summary>One watcher for all followers: the kernel gives a user 128 by default.</summary>
    private void Watch()
    {
        lock (_watching)
        {
            if (_watcher is not null)
            {
                return;
            }

            Directory.CreateDirectory(options.Directory, OwnerOnlyDirectory);
            var watcher = new FileSystemWatcher(options.Directory)
            {
                IncludeSubdirectories = true,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.Size | NotifyFilters.LastWrite,
            };
            watcher.Changed += (_, _) => Pulse();
            watcher.Created += (_, _) => Pulse();
            watcher.Renamed += (_, _) => Pulse();
            watcher.Error += (_, _) => Pulse();
            watcher.EnableRaisingEvents = true;
            _watcher = watcher;
        }
    }

    private void Pulse() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private async Task WaitAsync(Task changed, CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(_longestWait, options.Time, wait.Token)).ConfigureAwait(false);
        await wait.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Delay(_batch, options.Time, cancellationToken).ConfigureAwait(false);
    }
}
