using Paas.Apps;
using Paas.Engine;

namespace Paas.Releases;

/// <summary>Runs the `release` process of a new release once, before anything is switched; non-zero ends the deploy.</summary>
public sealed class ReleaseCommand(IEngine engine)
{
    /// <summary>The process type of the Procfile that names the command.</summary>
    public const string ProcessType = "release";

    /// <summary>Null when the release has no release command.</summary>
    public async Task<ExitInfo?> RunAsync(App app, Release release, Action<string> line, CancellationToken cancellationToken)
    {
        if (!release.Processes.ContainsKey(ProcessType))
        {
            return null;
        }

        var spec = new RunSpec
        {
            Id = $"{app.EngineName}.v{release.Number}.release",
            App = app.EngineName,
            Image = release.Image,
            Entrypoint = LaunchEnvironment.Entrypoint(release, ProcessType),
            Args = [],
            Env = LaunchEnvironment.Of(app, release, ProcessType, port: null),
            Timeout = app.BuildTimeout,
        };
        await using var output = new LineWriter(line);
        await using var error = new LineWriter(line);
        return await engine.RunAsync(spec, new RunStreams(null, output, error), cancellationToken);
    }
}
