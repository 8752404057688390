using Paas.Oci;

namespace Paas.Registry;

/// <summary>Which repository a name means: an app's own or a part of it ("hello", "hello/worker"), kept by the app's id, or one that stands alone.</summary>
/// <param name="TeamId">Whose it is.</param>
/// <param name="AppId">Null: it stands alone.</param>
/// <param name="Path">With an app what follows its name and a '/', "" for its own; alone the whole name.</param>
internal readonly record struct RepositoryKey(long TeamId, long? AppId, string Path)
{
    public static RepositoryKey OfApp(long teamId, long appId, string path) => new(teamId, appId, path);

    public static RepositoryKey Alone(long teamId, RepositoryName name) => new(teamId, null, name.ToString());
}
