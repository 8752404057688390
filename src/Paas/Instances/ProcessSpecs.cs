using Paas.Apps;
using Paas.Engine;
using Paas.Releases;

namespace Paas.Instances;

/// <summary>From a release and the app's formation to what the engine is asked for.</summary>
public static class ProcessSpecs
{
    /// <summary>The process type that takes the traffic.</summary>
    public const string Web = "web";

    /// <summary>One for each process type, those at count 0 too.</summary>
    public static IReadOnlyList<ProcessSpec> Of(App app, Release release, int revision, IReadOnlyList<Formation> formation) =>
        [.. release.Types.Select(type => Of(app, release, revision, FormationOf(type, formation)))];

    /// <summary>web runs once by default, every other type not at all.</summary>
    public static Formation FormationOf(string type, IReadOnlyList<Formation> formation) =>
        formation.FirstOrDefault(item => item.Type == type) ?? new Formation(type, type == Web ? 1 : 0);

    public static ProcessKey KeyOf(App app, RolloutRow rollout, string type) => new(app.EngineName, rollout.Release, rollout.Revision, type);

    private static ProcessSpec Of(App app, Release release, int revision, Formation formation)
    {
        int? port = formation.Type == Web ? ImagePort.Of(release.Run, release.Config).Number : null;
        return new ProcessSpec
        {
            Key = new ProcessKey(app.EngineName, release.Number, revision, formation.Type),
            Count = formation.Count,
            Image = release.Image,
            Entrypoint = LaunchEnvironment.Entrypoint(release, formation.Type),
            Env = LaunchEnvironment.Of(app, release, formation.Type, port),
            Port = port,
            Limits = new Limits
            {
                MemoryBytes = formation.MemoryMb * 1024L * 1024,
                Pids = formation.Pids,
                DiskBytes = formation.DiskMb * 1024L * 1024,
            },
            ReadOnlyRoot = app.ReadOnlyRoot,
            StopGrace = app.StopGrace,
        };
    }
}
