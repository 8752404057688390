using System.Text;
using Paas.Apps;
using Paas.Buildpacks;
using Paas.Buildpacks.Project;

namespace Paas.Builds.Dockerfiles;

/// <summary>Whether a source is built by its Dockerfile or by buildpacks, and why.</summary>
/// <param name="Path">Of the Dockerfile, in the repository.</param>
/// <param name="Text">Its content.</param>
/// <param name="Because">For the log.</param>
internal sealed record DockerfileChoice(string Path, string Text, string Because)
{
    public const string UsualPath = "Dockerfile";

    /// <summary>What an app can be set to.</summary>
    public const string Auto = "auto", ByDockerfile = "dockerfile", ByBuildpacks = "buildpacks";

    /// <summary>Null: by buildpacks.</summary>
    /// <exception cref="BuildFailureException">dockerfile_missing.</exception>
    public static DockerfileChoice? Of(App app, Source source)
    {
        if (app.Builder == ByBuildpacks)
        {
            return null;
        }

        var tree = new UntrustedTree(source.Directory);
        var path = app.Dockerfile ?? UsualPath;
        var chosen = app.Builder == ByDockerfile;
        if (Read(tree, path, chosen) is not { } text)
        {
            return chosen || app.Dockerfile is not null ? throw DockerfileFaults.Missing(path, wasChosen: true) : null;
        }

        if (chosen)
        {
            return new(path, text, $"The app's settings say that {path} builds it.");
        }

        return app.Buildpacks.Length > 0 || ChoosesBuildpacks(tree)
            ? null
            : new(path, text, $"{path} builds it, as nothing chooses buildpacks. To use buildpacks all the same: paas apps set --builder buildpacks");
    }

    private static string? Read(UntrustedTree tree, string path, bool chosen)
    {
        try
        {
            return tree.ReadBytes(path, 1 << 20) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
        }
        catch (InvalidDataException)
        {
            throw DockerfileFaults.Missing(path, chosen);
        }
    }

    /// <summary>What cannot be read is said by the build with buildpacks.</summary>
    private static bool ChoosesBuildpacks(UntrustedTree tree)
    {
        try
        {
            return tree.ReadText(ProjectToml.FileName) is { } text && ProjectToml.Parse(text).Group.Count > 0;
        }
        catch (Exception error) when (error is FormatException or InvalidDataException)
        {
            return true;
        }
    }
}
