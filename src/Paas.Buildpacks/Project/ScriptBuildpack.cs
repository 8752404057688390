using Paas.Buildpacks.Toml;

namespace Paas.Buildpacks.Project;

/// <summary>The buildpack that a project.toml writes itself: one script, which is its bin/build, and a bin/detect that always passes
/// (CNB extension spec "Project Descriptor", "Inline Buildpack").</summary>
public static class ScriptBuildpack
{
    private const string DefaultVersion = "0.0.0";

    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Writes the buildpack's files.</summary>
    /// <param name="wanted">With a <see cref="ProjectBuildpack.Script"/>.</param>
    /// <param name="directory">On the host; made by this.</param>
    /// <param name="inside">The same directory as the build sees it.</param>
    public static Buildpack Write(ProjectBuildpack wanted, string directory, string inside)
    {
        var script = wanted.Script ?? throw new ArgumentException("The buildpack has no script.", nameof(wanted));
        Directory.CreateDirectory(Path.Combine(directory, "bin"));
        var about = new TomlTable { ["id"] = wanted.Id!, ["version"] = wanted.Version ?? DefaultVersion };
        var descriptor = new TomlTable { ["api"] = script.Api.ToString(), ["buildpack"] = about, ["stacks"] = new TomlArray { new TomlTable { ["id"] = "*" } } };
        File.WriteAllText(Path.Combine(directory, "buildpack.toml"), TomlWriter.Write(descriptor));
        WriteScript("detect", "exit 0");
        WriteScript("build", script.Inline);
        return Buildpack.Read(directory, inside);

        void WriteScript(string name, string body)
        {
            var path = Path.Combine(directory, "bin", name);
            File.WriteAllText(path, $"#!{script.Shell}\n\n{body}\n");
            File.SetUnixFileMode(path, Executable);
        }
    }
}
