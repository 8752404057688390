using Paas.Buildpacks.Sbom;
using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks;

/// <summary>The build phase: runs bin/build of each buildpack of the group, in order, and reads what it left before the next one
/// runs (CNB platform spec 0.15, "builder"; buildpack spec 0.12, "Phase #3: Build").</summary>
internal sealed class Build(LifecycleDirs dirs, BuildpackRun buildpackRun, Analysis analysis, Action<string> line)
{
    private readonly UntrustedTree _layers = new(dirs.Layers);
    private readonly List<BuiltBuildpack> _built = [];
    private readonly LaunchProcesses _processes = new();
    private readonly List<(string Key, string Value)> _labels = [];
    private readonly List<IReadOnlyList<string>> _slices = [];
    private readonly List<BuiltSbom> _sboms = [];

    public async Task<BuildOutcome> RunAsync(DetectResult detected, RestorePlan restored, CancellationToken cancellationToken)
    {
        WriteRestored(detected.Group, restored);
        var ledger = new BuildPlanLedger(detected.Plan);
        var env = new BuildEnv(analysis.BaseEnv);
        foreach (var buildpack in detected.Group)
        {
            var (exitCode, lastLines) = await buildpackRun.BuildAsync(buildpack, env, ledger.TextFor(buildpack), line, cancellationToken);
            if (exitCode != 0)
            {
                throw new LifecycleFailure.BuildpackFailed(buildpack.Id, exitCode, lastLines);
            }

            try
            {
                Take(buildpack, ledger, env);
            }
            catch (Exception exception) when (exception is FormatException or InvalidDataException)
            {
                throw new LifecycleFailure.InvalidOutput(buildpack.Id, exception.Message, exception);
            }
        }

        return new BuildOutcome(_built, _processes.ToList(), _labels, _slices) { Sboms = _sboms };
    }

    private void WriteRestored(IReadOnlyList<Buildpack> group, RestorePlan restored)
    {
        foreach (var warning in restored.Warnings)
        {
            line(warning);
        }

        foreach (var buildpack in group)
        {
            _layers.CreateDirectory(buildpack.LayersName, buildpackRun.Uid, buildpackRun.Gid);
            if (restored.Stores.TryGetValue(buildpack.Id, out var store))
            {
                _layers.WriteText(buildpack.LayersName, "store.toml", store, buildpackRun.Uid, buildpackRun.Gid);
            }
        }

        foreach (var toml in restored.Tomls)
        {
            _layers.WriteText(toml.BuildpackDirectory, $"{toml.Name}.toml", toml.Text, buildpackRun.Uid, buildpackRun.Gid);
        }

        foreach (var sbom in restored.Sboms)
        {
            sbom.Write(_layers, buildpackRun.Uid, buildpackRun.Gid);
        }
    }

    private void Take(Buildpack buildpack, BuildPlanLedger ledger, BuildEnv env)
    {
        var tomls = new LayerTomls(_layers, buildpack.LayersName);
        ledger.Close(buildpack, tomls.Read("build", table => ReadUnmet(buildpack, table)));
        TakeLaunch(tomls.Read("launch", table => LaunchToml.Read(table, buildpack)));
        var layers = tomls.ReadLayers();
        foreach (var layer in layers.Where(layer => layer is { Flags.Build: true, HasContents: true }))
        {
            ApplyToLater(env, $"{buildpack.LayersName}/{layer.Name}");
        }

        _sboms.AddRange(SbomFiles.Find(_layers, buildpack, layers));
        var store = tomls.Read("store") is null ? null : tomls.Read("store", table => LayerTomls.MetadataText(table.Table("metadata")));
        _built.Add(new BuiltBuildpack(buildpack, layers, store));
    }

    private IReadOnlyList<string> ReadUnmet(Buildpack buildpack, TomlTable table)
    {
        if (table.TryGet("bom", out _))
        {
            line($"{buildpack.Id} writes a bom table into build.toml, which has no effect: bills of materials are files beside the layers.");
        }

        return [.. table.Tables("unmet").Select(unmet => unmet.Text("name") is { Length: > 0 } name ? name : throw unmet.Error("name", "an unmet entry has no name."))];
    }

    private void TakeLaunch(LaunchToml launch)
    {
        foreach (var warning in launch.Warnings.Concat(_processes.Add(launch.Processes)))
        {
            line(warning);
        }

        _labels.AddRange(launch.Labels);
        _slices.AddRange(launch.Slices);
    }

    private void ApplyToLater(BuildEnv env, string layer)
    {
        env.ApplyLayerDirectories($"{LifecycleDirs.LayersInside}/{layer}", directory => _layers.LeadsToDirectory($"{layer}/{directory}"));
        env.ApplyFiles(EnvFiles.Read(_layers, $"{layer}/env"), "override");
        env.ApplyFiles(EnvFiles.Read(_layers, $"{layer}/env.build"), "override");
    }
}
