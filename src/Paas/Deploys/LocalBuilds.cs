using System.Collections.Concurrent;
using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Paas.Apps;
using Paas.Builds;
using Paas.Client;
using Paas.Logs;
using Paas.Oci;
using Paas.Registry;
using Paas.State;

namespace Paas.Deploys;

/// <summary>Builds of a folder that somebody sends: the same as a push's, without a release. The image is kept under the tag build-&lt;number&gt;.</summary>
public sealed class LocalBuilds(PlatformHome home, DeployQueue queue, AppStore apps, Builder builder, BuildStore builds, Images images, RegistryStore registry)
{
    private const long MostBytes = 1L << 30;
    private const long MostEntries = 200_000;

    private readonly ConcurrentDictionary<(long App, int Number), CancellationTokenSource> _running = [];
    private readonly ConcurrentDictionary<string, bool> _folders = new(StringComparer.Ordinal);

    private string Folder => Path.Combine(home.Root, "sources");

    public static string TagOf(int number) => string.Create(CultureInfo.InvariantCulture, $"build-{number}");

    /// <summary>Unpacks what was sent.</summary>
    /// <returns>The folder, for <see cref="RunAsync"/>, which removes it.</returns>
    /// <exception cref="UserError">source_invalid, source_empty.</exception>
    public async Task<string> TakeAsync(Stream archive, CancellationToken cancellationToken)
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var folder = Path.Combine(Directory.CreateDirectory(Folder, ownerOnly).FullName, Guid.NewGuid().ToString("N"));
        _folders[folder] = true;
        Directory.CreateDirectory(folder, ownerOnly);
        try
        {
            await using var spool = await SpoolAsync(archive, folder + ".tar", cancellationToken);
            await SourceArchive.UnpackAsync(spool, folder, MostBytes, MostEntries, cancellationToken);
            return Directory.EnumerateFileSystemEntries(folder).Any()
                ? folder
                : throw new UserError("source_empty", 400, "The archive holds no files: send the folder of your app.");
        }
        catch (InvalidDataException refused)
        {
            Drop(folder);
            throw new UserError("source_invalid", 400, refused.Message);
        }
        catch
        {
            Drop(folder);
            throw;
        }
    }

    /// <summary>Says each line, and what came of it as the last.</summary>
    /// <param name="folder">Of <see cref="TakeAsync"/>.</param>
    /// <param name="cancellationToken">Whoever asked is gone, or the platform stops: the build ends.</param>
    public async IAsyncEnumerable<SseItem<LocalBuildEvent>> RunAsync(App app, string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Bounded by nothing but the build's own time: lines are short, and who does not read them is gone soon.
        var events = Channel.CreateUnbounded<LocalBuildEvent>();
        var work = BuildAsync(app, folder, events.Writer, cancellationToken);
        try
        {
            await foreach (var item in events.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return new SseItem<LocalBuildEvent>(item, "build");
            }
        }
        finally
        {
            await work;
        }
    }

    /// <summary>False: it is no build of a folder, or has ended.</summary>
    public async Task<bool> TryCancelAsync(long appId, int number)
    {
        if (!_running.TryGetValue((appId, number), out var running))
        {
            return false;
        }

        await running.CancelAsync();
        return true;
    }

    /// <summary>Folders of builds that control did not end.</summary>
    internal IReadOnlyList<Leftover> Sweep(DateTimeOffset now, bool dryRun, CancellationToken cancellationToken)
    {
        var left = (Directory.Exists(Folder) ? Directory.GetDirectories(Folder) : []).Where(folder => !_folders.ContainsKey(folder)).ToList();
        IReadOnlyList<Leftover> found = [.. left.Select(folder => new Leftover("source folder", Path.GetFileName(folder), TreeSize.Of(folder), "its build is gone"))];
        foreach (var folder in dryRun ? [] : left)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Directory.Delete(folder, recursive: true);
        }

        return found;
    }

    private async Task BuildAsync(App app, string folder, ChannelWriter<LocalBuildEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            await using var turn = await queue.TakeAsync(app.Id, line => events.TryWrite(new LocalBuildEvent { Line = line }), cancellationToken);
            var config = apps.ConfigVars(app.Id);
            var number = builds.TakeNumber(app.Id);
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _running[(app.Id, number)] = cancel;
            try
            {
                events.TryWrite(new LocalBuildEvent { Line = string.Create(CultureInfo.InvariantCulture, $"Build {number} of {app.Name}. It may take {app.BuildTimeout.TotalMinutes:0.#} minutes.") });
                var source = new Source(folder, "", "", "") { Cause = BuildCause.Local };
                var result = await builder.BuildAsync(app, number, source, config, new Log(events, Redactor.Of(config)), cancel.Token);
                if (result is BuildResult.Built built)
                {
                    registry.LinkImage(app.Id, await images.ReadAsync(built.Image, cancel.Token), [Tag.Parse(TagOf(number))]);
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Somebody else cancelled it: the record says so.
            }
            finally
            {
                _running.TryRemove((app.Id, number), out _);
            }

            events.TryWrite(new LocalBuildEvent { Build = BuildViews.Of(builds.Find(app.Id, number)!) });
        }
        catch (OperationCanceledException)
        {
            // Nobody reads any more.
        }
        finally
        {
            Drop(folder);
            events.Complete();
        }
    }

    /// <summary>Unpacking reads without waiting: a slow sender must hold no thread.</summary>
    private static async Task<FileStream> SpoolAsync(Stream archive, string path, CancellationToken cancellationToken)
    {
        var spool = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose });
        try
        {
            var buffer = new byte[128 << 10];
            while (await archive.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                await spool.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                if (spool.Length > MostBytes)
                {
                    throw new InvalidDataException($"The archive is refused: it has more than {MostBytes >> 20} MB.");
                }
            }

            spool.Position = 0;
            return spool;
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }
    }

    private void Drop(string folder)
    {
        Directory.Delete(folder, recursive: true);
        _folders.TryRemove(folder, out _);
    }

    /// <summary>Titles and lines, as the log of a deploy has them.</summary>
    private sealed class Log(ChannelWriter<LocalBuildEvent> events, Redactor redactor) : IBuildLog
    {
        public void Phase(string name) => events.TryWrite(new LocalBuildEvent { Line = $"-----> {DeployLog.Title(name)}" });

        public void Line(string text) => events.TryWrite(new LocalBuildEvent { Line = redactor.Redact($"       {text}") });
    }
}
