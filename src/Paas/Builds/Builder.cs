using System.Globalization;
using Paas.Apps;
using Paas.Buildpacks;
using Paas.Builds.Dockerfiles;
using Paas.Logs;
using Paas.Oci;

namespace Paas.Builds;

/// <summary>Builds a source into an image with Cloud Native Buildpacks: one at a time or a few, each within its limits, each written down.</summary>
public sealed class Builder : IDisposable
{
    private readonly BuildPreparation _preparation;
    private readonly BuildCache _cache;
    private readonly BuildStore _store;
    private readonly RunningBuilds _running;
    private readonly LifecycleBuild _lifecycle;
    private readonly UnchangedBuilds _unchanged;
    private readonly DockerfileBuild _dockerfiles;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turns;

    internal Builder(
        BuildsOptions options, BuildPreparation preparation, BuildCache cache, BuildStore store, RunningBuilds running, LifecycleBuild lifecycle, UnchangedBuilds unchanged, DockerfileBuild dockerfiles, TimeProvider time)
    {
        (_preparation, _cache, _store, _running, _lifecycle, _unchanged, _dockerfiles, _time) = (preparation, cache, store, running, lifecycle, unchanged, dockerfiles, time);
        _turns = new SemaphoreSlim(options.AtOnce);
    }

    /// <param name="app">The app; its caches and limits.</param>
    /// <param name="number">Number of the deploy, or the build's own.</param>
    /// <param name="source">The tree to build.</param>
    /// <param name="config">Config vars; those with scope run are left out by the builder.</param>
    /// <param name="log">Takes each line and each phase.</param>
    /// <param name="cancellationToken">Kills the build.</param>
    public async Task<BuildResult> BuildAsync(App app, int number, Source source, IReadOnlyList<ConfigVar> config, IBuildLog log, CancellationToken cancellationToken)
    {
        if (!await _turns.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            log.Line("Waiting for another build to end ...");
            await _turns.WaitAsync(cancellationToken);
        }

        try
        {
            var record = _store.Begin(app.Id, number, source.Cause, source.Commit is { Length: > 0 } commit ? commit : null);
            return await WriteDownAsync(new BuildRun(record, log, Redactor.Of([.. config, .. _preparation.BindingsOf(app).SelectMany(Binding.SecretsOf)]), _time), app, source, config, cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private async Task<BuildResult> WriteDownAsync(BuildRun run, App app, Source source, IReadOnlyList<ConfigVar> config, CancellationToken cancellationToken)
    {
        var previous = _cache.Find(app.Id);
        var id = string.Create(CultureInfo.InvariantCulture, $"{app.Name}.{run.Number}");
        using var runs = _running.Begin(id, app.Id, previous, run);
        try
        {
            var (result, inputs) = await BuildInTimeAsync(id, run, app, source, config, previous, cancellationToken);
            _store.End(result is BuildResult.Failed failed ? run.End(BuildState.Failed, Trouble(run, failed), null) : run.End(BuildState.Built, null, inputs));
            _cache.Enforce(_running.Apps, run.Line);
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _store.End(run.End(BuildState.Cancelled, null, null));
            throw;
        }
        catch
        {
            _store.End(run.End(BuildState.Failed, new BuildTrouble("platform_failed", "The platform itself failed during this build; its log says why.", null, run.CurrentPhase, null, []), null));
            throw;
        }
    }

    private async Task<(BuildResult Result, string? Inputs)> BuildInTimeAsync(
        string id, BuildRun run, App app, Source source, IReadOnlyList<ConfigVar> config, PreviousBuild? previous, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(app.BuildTimeout, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        string? inputs = null;
        try
        {
            if (await _dockerfiles.TryRunAsync(id, app, source, config, run, IsTimeUp, stop.Token) is { } byDockerfile)
            {
                Tell(run, byDockerfile);
                return (byDockerfile, null);
            }

            run.Phase("prepare");
            var build = await _preparation.ReadAsync(id, app, source, config, previous, run.Line, stop.Token);
            inputs = _unchanged.Fingerprint(build, stop.Token);
            if (await _unchanged.TryAnswerAsync(build, inputs, run, stop.Token) is { } same)
            {
                return (same, inputs);
            }

            var result = await _lifecycle.RunAsync(build, run, IsTimeUp, stop.Token);
            Tell(run, result);
            return (result, inputs);
        }
        catch (BuildFailureException failure)
        {
            return (new BuildResult.Failed(failure.Code, failure.Message), null);
        }

        bool IsTimeUp() => limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested;
    }

    private void Tell(BuildRun run, BuildResult result)
    {
        if (result is BuildResult.Built built)
        {
            run.Line($"Built in {run.Times}.");
            run.Know(facts => facts with { Image = built.Image.ToString(), ManifestSize = _unchanged.SizeOf(built.Image), Processes = built.Processes });
        }
    }

    /// <summary>Says where it failed, which its sentence may not.</summary>
    private static BuildTrouble Trouble(BuildRun run, BuildResult.Failed failed)
    {
        var phase = run.CurrentPhase;
        if (failed.Buildpack is { } buildpack)
        {
            run.Line(string.Create(CultureInfo.InvariantCulture, $"{buildpack} failed in the {phase} phase{(failed.ExitCode is { } code ? $" with exit code {code}" : "")}, after {run.Times}."));
        }

        return new BuildTrouble(failed.Code, failed.Sentence, failed.Buildpack, phase, failed.ExitCode, failed.LastLines ?? run.LastLines);
    }
}

/// <summary>How a build ended.</summary>
public abstract record BuildResult
{
    private BuildResult()
    {
    }

    /// <param name="Image">Digest of the manifest in the content store.</param>
    /// <param name="Processes">Process types of the image with the command as people read it; "release" is one of them.</param>
    public sealed record Built(Digest Image, IReadOnlyDictionary<string, string> Processes) : BuildResult
    {
        /// <summary>Path of the Dockerfile that it was built by: its layers are still to be proven, and it starts as it says itself. Null: buildpacks
        /// built it, and their launcher starts it.</summary>
        public string? Dockerfile { get; init; }
    }

    /// <param name="Code">Stable: no_buildpack, build_failed, build_timeout, build_memory, build_disk, build_pids, build_files, source_invalid, stack_missing,
    /// buildpack_invalid, and what a buildpack says itself: procfile_invalid, lock_file_missing ...</param>
    public sealed record Failed(string Code, string Sentence) : BuildResult
    {
        /// <summary>Id of the one at fault; null: none, or nobody knows which.</summary>
        public string? Buildpack { get; init; }

        /// <summary>Of the buildpack's command.</summary>
        public int? ExitCode { get; init; }

        /// <summary>The end of what the buildpack said, at most 20 lines; null: the end of what the phase said.</summary>
        public IReadOnlyList<string>? LastLines { get; init; }
    }
}

/// <summary>Where a build says what it does. (Not a seam: the deploy log, and a list in tests.)</summary>
public interface IBuildLog
{
    /// <summary>prepare, detect, restore, build, export; ends the phase before it.</summary>
    void Phase(string name);

    void Line(string text);
}
