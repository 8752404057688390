using Paas.Oci;

namespace Paas.Buildpacks;

/// <summary>The analyze phase: what build image, run image and the last build say (CNB platform spec 0.15, "analyzer").
/// A record, so that the caller can add to <see cref="BaseEnv"/>.</summary>
public sealed record Analysis
{
    public required Image RunImage { get; init; }

    /// <summary>Null: the first build, or one whose cache was cleared.</summary>
    public required PreviousBuild? Previous { get; init; }

    /// <summary>The build image's environment and what the caller adds; only the variables that buildpacks may inherit
    /// (HOME, PATH, proxies ...) reach them.</summary>
    public required IReadOnlyDictionary<string, string> BaseEnv { get; init; }

    /// <summary>What the app will run on.</summary>
    public required Target Target { get; init; }

    /// <summary>The buildpacks' user, and owner of layers and app in the image (CNB_USER_ID of the build image).</summary>
    public required int Uid { get; init; }

    public required int Gid { get; init; }

    internal static Analysis Of(Image buildImage, Image runImage, PreviousBuild? previous, Func<DiffId, string?>? pathOf)
    {
        var env = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in buildImage.Config.Config?.Env ?? [])
        {
            if (variable.Split('=', 2) is [var name, var value])
            {
                env[name] = value;
            }
        }

        return new Analysis
        {
            RunImage = runImage,
            Previous = previous,
            BaseEnv = env,
            Target = Target.Of(runImage.Config, pathOf),
            Uid = Id(env, "CNB_USER_ID"),
            Gid = Id(env, "CNB_GROUP_ID"),
        };
    }

    private static int Id(SortedDictionary<string, string> env, string name) =>
        env.TryGetValue(name, out var text) && int.TryParse(text, out var id) && id > 0
            ? id
            : throw new InvalidDataException($"The build image must set {name} to the id of a user that is not root.");
}
