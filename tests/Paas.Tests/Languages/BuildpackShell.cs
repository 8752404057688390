using System.Diagnostics;

namespace Paas.Languages;

/// <summary>A buildpack of ours as it is published, with the shared library and bp, and an empty app beside it: its shell functions run in bash.</summary>
internal sealed class BuildpackShell : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("paas-buildpack-").FullName;

    /// <param name="name">A folder of buildpacks/.</param>
    public BuildpackShell(string name)
    {
        Copy(Repository.PathOf($"buildpacks/{name}"), Buildpack);
        Copy(Repository.PathOf("buildpacks/lib"), Path.Combine(Buildpack, "lib"));
        File.Copy(Repository.PathOf("src/native/out/bp"), Path.Combine(Buildpack, "bin/bp"));
        Directory.CreateDirectory(App);
        Directory.CreateDirectory(Layers);
    }

    public string Buildpack => Path.Combine(_root, "buildpack");

    public string App => Path.Combine(_root, "app");

    public string Layers => Path.Combine(_root, "layers");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Writes a file of the app.</summary>
    public BuildpackShell With(string file, string text)
    {
        var path = Path.Combine(App, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    /// <summary>Runs a script in the app's folder, strict as bin/build; what buildpacks share is there, but Debian's packages.</summary>
    /// <param name="variables">NAME=value each.</param>
    public (int Code, string Output, string Error) Run(string script, params string[] variables) =>
        Start("bash", variables, "-c", $"set -euo pipefail\nfor part in say languages fetch ends hints; do . \"$CNB_BUILDPACK_DIR/lib/$part.sh\"; done\n{script}");

    /// <summary>Whether bin/detect passes.</summary>
    public bool Detects(params string[] variables) => Start(Path.Combine(Buildpack, "bin/detect"), variables) switch
    {
        { Code: 0 } => true,
        { Code: 100 } => false,
        var (code, _, error) => throw new InvalidOperationException($"detect: {code} {error}"),
    };

    private (int Code, string Output, string Error) Start(string program, string[] variables, params string[] arguments)
    {
        // Errors go to a file, so that neither of two full pipes can block.
        var said = Path.Combine(_root, "errors");
        var start = new ProcessStartInfo("sh", ["-c", "exec \"$@\" 2> \"$0\"", said, program, .. arguments])
        {
            WorkingDirectory = App,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in variables.Select(pair => pair.Split('=', 2)).Select(pair => (pair[0], pair[1]))
            .Prepend(("CNB_LAYERS_DIR", Layers)).Prepend(("CNB_BUILDPACK_DIR", Buildpack)))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, File.ReadAllText(said));
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
