using Paas.Apps;
using Paas.Buildpacks;

namespace Paas.Builds;

/// <summary>Gathers what a build is made of besides its source: base images, buildpacks, the host's package registries.</summary>
internal sealed class BuildPreparation(BuildChoices choices, Stacks stacks, PackageHosts packageHosts, IEnumerable<BindingsOf> bindings)
{
    /// <summary>None where nobody keeps them.</summary>
    public IReadOnlyList<Binding> BindingsOf(App app) => [.. bindings.SelectMany(of => of(app))];

    /// <exception cref="BuildFailureException">stack_missing, project_toml_invalid, buildpack_missing, buildpack_invalid.</exception>
    public async Task<PreparedBuild> ReadAsync(
        string id, App app, Source source, IReadOnlyList<ConfigVar> config, PreviousBuild? previous, Action<string> line, CancellationToken cancellationToken)
    {
        var (runImage, buildImage) = await stacks.ReadAsync(cancellationToken);
        var choice = choices.Read(app, source, line, cancellationToken);
        var (host, reach) = await packageHosts.ReadAsync(line, cancellationToken);
        return new PreparedBuild
        {
            App = app,
            Id = id,
            Source = source,
            Env = choice.EnvWith(config),
            RunImage = runImage,
            BuildImage = buildImage,
            Choice = choice,
            Bindings = BindingsOf(app),
            Host = host,
            Reach = reach,
            Previous = previous,
        };
    }
}
