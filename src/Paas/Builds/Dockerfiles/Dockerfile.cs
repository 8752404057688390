using Paas.Oci;

namespace Paas.Builds.Dockerfiles;

/// <summary>What control has to know of a Dockerfile before it is built: which images it stands on, and what it may be told
/// (Dockerfile reference of BuildKit's frontend, syntax 1). What its steps do is buildah's affair.</summary>
/// <param name="Name">Its path in the repository, for sentences.</param>
/// <param name="Stages">At least one; the last is the image.</param>
/// <param name="Arguments">Names that an ARG declares anywhere.</param>
/// <param name="Secrets">Ids that a RUN --mount=type=secret asks for.</param>
internal sealed record Dockerfile(string Name, IReadOnlyList<DockerfileStage> Stages, IReadOnlySet<string> Arguments, IReadOnlySet<string> Secrets)
{
    /// <summary>The images that the last stage needs, itself or through other stages; what only unused stages name is left out.</summary>
    public IReadOnlyList<DockerfileImage> Images
    {
        get
        {
            var needed = new SortedSet<int>();
            Need(Stages.Count - 1);
            return [.. needed.SelectMany(index => Stages[index].Images).DistinctBy(image => image.Written)];

            void Need(int index)
            {
                if (needed.Add(index))
                {
                    foreach (var other in Stages[index].Stages)
                    {
                        Need(other);
                    }
                }
            }
        }
    }

    /// <summary>The stage of a number that buildah says, 1 for the first: "stage 2 ('build')"; empty when there is one only.</summary>
    public string StageWords(int number) => Stages.Count == 1 || number < 1 || number > Stages.Count
        ? ""
        : FormattableString.Invariant($" of stage {number}{(Stages[number - 1].Name is { } name ? $" ('{State.Printable.Short(name)}')" : "")}");
}

/// <param name="Name">After AS; null: it has none.</param>
/// <param name="Images">What it takes from images.</param>
/// <param name="Stages">Indexes of the stages that it takes something from.</param>
internal sealed record DockerfileStage(string? Name, IReadOnlyList<DockerfileImage> Images, IReadOnlyList<int> Stages);

/// <summary>An image that a Dockerfile names.</summary>
/// <param name="Written">As it stands there: "debian:${VERSION}".</param>
/// <param name="Reference">With its variables filled in: "debian:13".</param>
/// <param name="Line">Of the Dockerfile, from 1.</param>
internal sealed record DockerfileImage(string Written, string Reference, int Line);

/// <summary>An image of <see cref="DockerfileImage"/>, in the content store.</summary>
/// <param name="Name">As people read it: "docker.io/library/debian:13".</param>
public sealed record BaseImage(string Name, Image Image);

/// <summary>Finds or fetches an image that a Dockerfile of the app names, with the team's logins and rights.</summary>
/// <exception cref="BaseImageException">It cannot be had.</exception>
public delegate Task<BaseImage> FetchBaseImage(Apps.App app, string reference, Action<string> line, CancellationToken cancellationToken);

/// <param name="sentence">What the registry answered.</param>
public sealed class BaseImageException(string sentence) : Exception(sentence);
